#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the #include lines of the project and fails on one that the law of layers forbids:

    tools -> verbs -> {model, crypto, disk, formats, net} -> base -> include/pki

The five rooms never include one another, each third-party library belongs to one room, and the library leaves the
process alone.

usage: layers.py SOURCE_DIR     check a source tree
       layers.py --self-test    plant each kind of forbidden line in a small tree and see it found
"""

import pathlib
import re
import sys
import tempfile

# Which layers and libraries each layer may include, beside its own headers. The longest entry that is a file's folder
# or above it counts. "posix" is every <....h> that is not of a third-party library.
ROOM = {"std", "include/pki", "libpki/base", "fmt"}
MAY_INCLUDE = {
    "include/pki": {"std"},
    "libpki/base": {"std", "include/pki", "fmt"},
    "libpki/base/digest.cpp": {"std", "include/pki", "libpki/base", "fmt", "openssl"},
    "libpki/base/system.cpp": {"std", "include/pki", "libpki/base", "fmt", "posix"},
    "libpki/model": ROOM,
    "libpki/crypto": ROOM | {"openssl"},
    "libpki/disk": ROOM | {"posix", "files"},
    "libpki/formats": ROOM | {"libpki/formats/yaml", "libpki/formats/kubeconfig", "libpki/formats/kubeadm",
                              "libpki/formats/report", "libpki/formats/api"},
    "libpki/formats/yaml": ROOM | {"yaml.h"},
    "libpki/formats/kubeadm": ROOM | {"libpki/formats/yaml"},
    "libpki/formats/kubeconfig": ROOM | {"libpki/formats/yaml"},
    "libpki/formats/report": ROOM | {"libpki/formats/yaml", "nlohmann"},
    "libpki/formats/api": ROOM | {"libpki/formats/report", "nlohmann"},
    "libpki/net": ROOM | {"openssl", "posix"},
    "libpki/net/http_message.cpp": ROOM | {"boost"},
    "libpki/verbs": ROOM | {"libpki/model", "libpki/crypto", "libpki/disk", "libpki/formats",
                            "libpki/formats/kubeadm", "libpki/formats/kubeconfig", "libpki/formats/report",
                            "libpki/formats/api", "libpki/net"},
    "tools/pkigen": {"std", "include/pki", "posix", "files", "CLI", "spdlog", "fmt"},
    "tools/manual": {"std", "include/pki", "tools/pkigen", "files", "CLI", "fmt"},
}
FOREIGN = ("openssl", "yaml.h", "nlohmann", "fmt", "CLI", "spdlog", "boost")
# Standard headers that open files or print are for those who keep the disk or talk to people.
FILE_HEADERS = {"fstream", "iostream", "print", "syncstream"}

# What the library never does to the process that it lives in.
FORBIDDEN = {
    r"std::(w?c(out|err|log|in))\b": "the library does not print",
    r"\b(v?f?w?printf|vd?printf|dprintf|puts|fputs|putchar|perror)\s*\(": "the library does not print",
    r"\b(fmt|std)::print(ln)?\s*\(": "the library does not print",
    r"\b(_?exit|_Exit|quick_exit|abort|atexit)\s*\(": "the library does not exit",
    r"\b(secure_)?(getenv|setenv|putenv|unsetenv)\s*\(": "the library does not read the environment",
    r"\bsystem_clock::now\b": "the library does not ask the time",
    r"(?<![\w.:>])(std::|::)?(time|gettimeofday|clock_gettime)\s*\(\s*(nullptr|NULL|0|&|CLOCK_REALTIME)":
        "the library does not ask the time",
    r"\bumask\s*\(": "the library does not change the umask",
    r"\b(setlocale|uselocale)\s*\(|\blocale::global\b": "the library does not change the locale",
    r"(?<![\w.>])(std::|::)?(signal|sigaction|sigprocmask|pthread_sigmask)\s*\(": "the library leaves signals alone",
    r"(?<![\w.>])f?chdir\s*\(|\bcurrent_path\s*\(\s*[^)\s]": "the library does not change the working directory",
    r"\b(OPENSSL_init_crypto|OPENSSL_config|EVP_set_default_properties|RAND_set_\w+)\s*\(":
        "the library does not configure OpenSSL's default context",
}

# What one of the compilers that we promise refuses.
UNPORTABLE = {
    r"\b(std|ranges)::views::|#\s*include\s*<ranges>": "clang 14 does not compile the views of gcc 12",
    r"\branges::(subrange|remove|remove_if|unique|(stable_)?partition|rotate|search|search_n|find_end|equal_range)\b":
        "clang 14 does not compile the subranges of gcc 12",
}

# What the library never says: it is used by programs that have other commands.
UNSPEAKABLE = {
    r"\bpkigen [a-z]": "the library names no command of pkigen",
    r"(?<![\w-])--[a-z]": "the library names no flag",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Comments and literals hold words, not code. Raw strings first: they may hold quotes and slashes.
NOT_CODE = re.compile(r'R"([^()\\ ]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def home(path):
    """The layer that a file belongs to: the longest entry of the table that is the file, its folder or one above."""
    folders = [str(path)] + [str(parent) for parent in path.parents]
    return next((folder for folder in folders if folder in MAY_INCLUDE), None)


def target(root, source, quote, name):
    """What an #include line reaches: a layer, a foreign library, or a kind of system header."""
    if quote == '"' and (root / source.parent / name).exists():
        return home(pathlib.PurePosixPath((root / source.parent / name).resolve().relative_to(root.resolve())))
    if name.startswith("pki/"):
        return "include/pki"
    for layer in ("libpki", "tools/pkigen"):
        if (root / layer / name).exists():
            return home(pathlib.PurePosixPath(layer) / name)
    if name.split("/")[0] in FOREIGN:
        return name.split("/")[0]
    if name in FILE_HEADERS:
        return "files"
    return "std" if re.fullmatch(r"[a-z_0-9]+", name) else "posix"


def without_words(text):
    """The code alone, with every line where it was."""
    return NOT_CODE.sub(lambda match: '""' + "\n" * match.group().count("\n"), text)


def literals(text):
    """The string literals with the numbers of their lines; neighbours that the compiler joins are joined."""
    joined, end = [], None
    for match in NOT_CODE.finditer(text):
        if match.group().startswith(("//", "/*")):
            continue
        content = re.sub(r'^R?"|"$', "", match.group())
        if end is not None and text[end:match.start()].strip() == "":
            joined[-1] = (joined[-1][0], joined[-1][1] + content)
        else:
            joined.append((text.count("\n", 0, match.start()) + 1, content))
        end = match.end()
    return joined


def check_file(root, source):
    layer = home(source)
    text = (root / source).read_text(encoding="utf-8")
    own = {layer, home(source.parent / "x")}  # a file with its own entry includes its folder's headers, too
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            reached = target(root, source, *match.groups())
            if reached not in own and reached not in MAY_INCLUDE[layer]:
                yield f"{source}:{number}: {layer} must not include {match.group(2)} ({reached})"
    patterns = FORBIDDEN | UNPORTABLE if layer.startswith("libpki") else UNPORTABLE
    for number, line in enumerate(without_words(text).splitlines(), 1):
        for pattern, reason in patterns.items():
            if re.search(pattern, line):
                yield f"{source}:{number}: {reason}: {line.strip()}"
    if layer.startswith(("libpki", "include")):
        for number, literal in literals(text):
            for pattern, reason in UNSPEAKABLE.items():
                if re.search(pattern, literal):
                    yield f"{source}:{number}: {reason}: {literal}"


def sources(root):
    for folder in ("include/pki", "libpki", "tools/pkigen", "tools/manual"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".h"):
                yield pathlib.PurePosixPath(path.relative_to(root))


def check(root):
    files = list(sources(root))
    return files, [finding for source in files for finding in check_file(root, source)]


SOUND = {
    "include/pki/a.hpp": "#include <string>\n#include <pki/b.hpp>\n",
    "include/pki/b.hpp": "#include <vector>\n",
    "libpki/model/m.hpp": "#include <pki/a.hpp>\n#include <cstring>\n",
    "libpki/model/m.cpp": "#include <model/m.hpp>\n",
    "libpki/crypto/c.hpp": "#include <pki/a.hpp>\n",
    "libpki/crypto/c.cpp": '#include "c.hpp"\n#include <openssl/evp.h>\n#include <fmt/core.h>\n',
    "libpki/base/b.hpp": "#include <string>\n",
    "libpki/base/b.cpp": '#include "base/b.hpp"\n#include <pki/a.hpp>\n#include <fmt/core.h>\n',
    "libpki/base/digest.cpp": '#include "base/b.hpp"\n#include <openssl/evp.h>\n',
    "libpki/formats/kubeadm/k.hpp": "#include <formats/yaml/t.hpp>\n",
    "libpki/formats/report/r.cpp": "#include <nlohmann/json.hpp>\n",
    "libpki/formats/kubeconfig/c.cpp": "#include <formats/yaml/t.hpp>\n",
    "libpki/base/system.cpp": '#include "base/b.hpp"\n#include <unistd.h>\n',
    "libpki/net/http_message.cpp": '#include "n.hpp"\n#include <boost/beast/http/parser.hpp>\n',
    "libpki/formats/api/a.cpp": "#include <nlohmann/json.hpp>\n",
    "libpki/net/n.hpp": "#include <base/b.hpp>\n#include <openssl/ssl.h>\n#include <sys/socket.h>\n",
    "libpki/disk/d.cpp": "#include <base/b.hpp>\n#include <fcntl.h>\n#include <sys/stat.h>\n",
    "libpki/formats/yaml/t.hpp": "#include <yaml.h>\n",
    "libpki/verbs/issue.cpp": "#include <model/m.hpp>\n#include <crypto/c.hpp>\n#include <formats/kubeadm/k.hpp>\n#include <thread>\n",
    "tools/pkigen/main.cpp": "#include <CLI/CLI.hpp>\n#include <spdlog/spdlog.h>\n#include <pki/a.hpp>\n"
                             "#include <unistd.h>\n#include <iostream>\nint main() { std::exit(1); }\n",
    "tools/pkigen/commands/c.hpp": "#include <functional>\n",
    "tools/manual/page.cpp": '#include "commands/c.hpp"\n#include <CLI/CLI.hpp>\n#include <pki/a.hpp>\n#include <fstream>\n',
    "libpki/model/words.cpp": '// printf( and exit( in a comment, pkigen init --flag\nconst char* x = "getenv(";\n'
                              'auto y = "/k/pkigen.yaml .pkigen, pkigen/v1 -----BEGIN ---, a--b of pkigen";\n'
                              "void f() { snprintf(b, 1, x); expire_time(0); on_exit_code(1); }\n",
}

# One wrong line each, and the file that it is planted in.
WRONG = [
    ("include/pki/a.hpp", "#include <openssl/evp.h>"),
    ("include/pki/a.hpp", "#include <fmt/core.h>"),
    ("include/pki/a.hpp", "#include <spdlog/spdlog.h>"),
    ("include/pki/a.hpp", "#include <model/m.hpp>"),
    ("include/pki/a.hpp", "#include <unistd.h>"),
    ("libpki/model/m.cpp", "#include <crypto/c.hpp>"),
    ("libpki/model/m.cpp", '#include "../crypto/c.hpp"'),
    ("libpki/base/b.cpp", "#include <openssl/evp.h>"),
    ("libpki/base/b.cpp", "#include <model/m.hpp>"),
    ("libpki/base/digest.cpp", "#include <unistd.h>"),
    ("libpki/model/m.cpp", "#include <yaml.h>"),
    ("libpki/model/m.cpp", "#include <openssl/evp.h>"),
    ("libpki/net/n.hpp", "#include <crypto/c.hpp>"),
    ("libpki/net/n.hpp", "#include <boost/beast/http/parser.hpp>"),
    ("libpki/verbs/issue.cpp", "#include <boost/beast/http/parser.hpp>"),
    ("libpki/formats/api/a.cpp", "#include <yaml.h>"),
    ("libpki/base/b.cpp", "#include <unistd.h>"),
    ("libpki/base/system.cpp", "#include <openssl/evp.h>"),
    ("libpki/net/n.hpp", "#include <fstream>"),
    ("libpki/formats/kubeadm/k.hpp", "#include <yaml.h>"),
    ("libpki/formats/kubeadm/k.hpp", "#include <nlohmann/json.hpp>"),
    ("libpki/formats/report/r.cpp", "#include <yaml.h>"),
    ("libpki/formats/kubeconfig/c.cpp", "#include <yaml.h>"),
    ("tools/pkigen/main.cpp", "#include <yaml.h>"),
    ("libpki/verbs/issue.cpp", "#include <formats/yaml/t.hpp>"),
    ("libpki/model/m.cpp", "#include <string.h>"),
    ("libpki/model/m.cpp", "#include <fstream>"),
    ("libpki/crypto/c.cpp", "#include <model/m.hpp>"),
    ("libpki/crypto/c.cpp", "#include <sys/stat.h>"),
    ("libpki/crypto/c.cpp", "#include <yaml.h>"),
    ("libpki/disk/d.cpp", "#include <openssl/err.h>"),
    ("libpki/disk/d.cpp", "  #  include <formats/yaml/t.hpp>"),
    ("libpki/formats/yaml/t.hpp", "#include <fcntl.h>"),
    ("libpki/formats/yaml/t.hpp", "#include <CLI/CLI.hpp>"),
    ("libpki/verbs/issue.cpp", "#include <openssl/x509.h>"),
    ("libpki/verbs/issue.cpp", "#include <nlohmann/json.hpp>"),
    ("libpki/verbs/issue.cpp", "#include <unistd.h>"),
    ("tools/pkigen/main.cpp", "#include <openssl/crypto.h>"),
    ("tools/pkigen/main.cpp", "#include <model/m.hpp>"),
    ("tools/pkigen/main.cpp", '#include "../manual/page.cpp"'),
    ("tools/manual/page.cpp", "#include <model/m.hpp>"),
    ("tools/manual/page.cpp", "#include <spdlog/spdlog.h>"),
    ("libpki/model/m.cpp", "void f() { std::cerr << 1; }"),
    ("libpki/disk/d.cpp", 'void f() { fprintf(stderr, "x"); }'),
    ("libpki/disk/d.cpp", "void f() { ::umask(077); }"),
    ("libpki/disk/d.cpp", "#include <ranges>"),
    ("tools/pkigen/main.cpp", "auto f() { return x | std::views::reverse; }"),
    ("tools/manual/page.cpp", "auto f() { return x | std::ranges::views::reverse; }"),
    ("libpki/model/m.cpp", "void f() { std::ranges::stable_partition(x, p); }"),
    ("libpki/model/m.cpp", "auto f() { return std::ranges::unique(x); }"),
    ("libpki/verbs/issue.cpp", "void f() { std::exit(1); }"),
    ("libpki/formats/yaml/t.hpp", 'auto f() { return std::getenv("HOME"); }'),
    ("libpki/verbs/issue.cpp", "auto f() { return std::chrono::system_clock::now(); }"),
    ("libpki/verbs/issue.cpp", "auto f() { return std::time(nullptr); }"),
    ("libpki/verbs/issue.cpp", "auto f() { return ::time(nullptr); }"),
    ("libpki/verbs/issue.cpp", 'void f() { std::setlocale(0, "C"); }'),
    ("libpki/verbs/issue.cpp", "void f() { signal(SIGPIPE, SIG_IGN); }"),
    ("libpki/verbs/issue.cpp", 'auto f() { return "run `pkigen init` first"; }'),
    ("libpki/model/m.cpp", 'auto f() { return "renew it with pkigen" " renew"; }'),
    ("libpki/model/m.cpp", 'auto f() { return R"(pkigen backups)"; }'),
    ("include/pki/a.hpp", 'inline auto f() { return "pass --node-name"; }'),
    ("libpki/disk/d.cpp", 'auto f() { return "--config FILE"; }'),
]


def self_test():
    failures = 0
    for place, wrong in [(None, None)] + WRONG:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in SOUND.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text + (wrong + "\n" if name == place else ""), encoding="utf-8")
            _, findings = check(root)
        where = f"{place}:{SOUND[place].count(chr(10)) + 1}:" if place else ""
        right = len(findings) == 1 and findings[0].startswith(where) if place else not findings
        if not right:
            failures += 1
            print(f"{place}: '{wrong}': found {findings or 'nothing'}")
    print(f"{len(WRONG)} wrong lines planted, {failures} missed or wrong")
    return failures


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    if len(arguments) != 1:
        sys.exit(__doc__)
    files, findings = check(pathlib.Path(arguments[0]))
    print("\n".join(findings + [f"{len(files)} files, {len(findings)} wrong arrows"]))
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
