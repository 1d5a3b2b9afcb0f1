# SPDX-License-Identifier: Apache-2.0
"""Real shells on a terminal of their own, which are asked how they would complete a line."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

TIME_LIMIT = 60
INSERT, DUMP = b"\x18a", b"\x18d"  # Control-X a and d: insert every completion, save the line


class Terminal:
    """A shell that reads from a terminal. Completions are inserted into the line, which is then saved in a file."""

    def __init__(self, work, environment, words, setup):
        self.work, self.saved = work, work / "line"
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(work)
            os.execve(shutil.which(words[0]), words, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 4000, 0, 0))
        (work / "setup").write_text(setup)
        self.send(b". ./setup\r")
        self.wait_for(work / "ready")

    def send(self, keys):
        while keys:
            self.drain(0)
            keys = keys[os.write(self.fd, keys):]

    def drain(self, seconds):
        """Reads what the shell shows: a terminal that nobody reads stops its program."""
        while select.select([self.fd], [], [], seconds)[0]:
            if not os.read(self.fd, 65536):
                return

    def wait_for(self, path):
        end = time.monotonic() + TIME_LIMIT
        while not path.exists():
            if time.monotonic() > end:
                raise TimeoutError(f"{path.name} was not written")
            self.drain(0.02)

    def complete(self, line):
        """The line with every completion of its last word, as the shell quotes it."""
        self.saved.unlink(missing_ok=True)
        self.send(b"\x15" + line.encode() + INSERT + DUMP)  # Control-U: an empty line
        self.wait_for(self.saved)
        return self.saved.read_text()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


BASH = r"""
{before}
set -o emacs
bind 'set enable-bracketed-paste off' 2>/dev/null
bind '"\C-xa": insert-completions' '"\C-u": unix-line-discard'
bind -x '"\C-xd": printf %s "$READLINE_LINE" > line.new; mv line.new line'
source <(pkigen completion bash)
: > ready
"""
ZSH = r"""
autoload -U compinit && compinit -u -d zcompdump
source <(pkigen completion zsh)
bindkey -e
insert_all() { _main_complete; compstate[insert]=all; compstate[list]=; }
zle -C insert-all complete-word insert_all
save() { print -rn -- "$BUFFER" > line.new; mv line.new line; }
zle -N save
bindkey '^Xa' insert-all '^Xd' save '^U' kill-whole-line
: > ready
"""


def bash(work, environment, with_helpers):
    helpers = "/usr/share/bash-completion/bash_completion"
    setup = BASH.replace("{before}", f". {helpers}" if with_helpers and os.path.exists(helpers) else "")
    return Terminal(work, environment, ["bash", "--norc", "--noprofile", "-i"], setup)


def zsh(work, environment):
    return Terminal(work, environment, ["zsh", "-f", "-i"], ZSH)


class Fish:
    """fish prints completions when asked, unquoted."""

    def __init__(self, work, environment):
        self.work, self.environment = work, environment

    def complete(self, line):
        script = f"source (pkigen completion fish | psub); complete -C {quote(line)}"
        done = subprocess.run(["fish", "--no-config", "-c", script], cwd=self.work, env=self.environment, capture_output=True, text=True,
                              check=True, timeout=TIME_LIMIT)
        # Where nothing begins with what was typed fish offers words in which it is somewhere.
        typed = re.split(r"(?<!\\) ", line)[-1].replace("\\", "")
        return [word for word in (candidate.split("\t")[0] for candidate in done.stdout.splitlines()) if word.startswith(typed)]

    def close(self):
        pass


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
