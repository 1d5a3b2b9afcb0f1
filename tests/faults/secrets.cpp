// SPDX-License-Identifier: Apache-2.0
// Searches everything that pkigen prints, and what other users see of its process, for fragments of private keys. See
// README.md: SH-04.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "key_fragments.hpp"
#include "scenario.hpp"
#include "spawn.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

Words make(const char* algorithm) {
  return {"init",   "-v", "--node-name", "n", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
          algorithm};
}

/// Damage is something that people and accidents do to a PKI.
struct Damage {
  const char* what;
  std::function<void(const fs::path& site)> cause;
};

void change(const fs::path& path, const std::function<std::string(std::string)>& how) {
  const auto mode = fs::status(path).permissions();
  const auto content = how(slurp(path));
  put(path, content, static_cast<unsigned>(mode));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("nothing to damage: " + from);
  return text.replace(at, from.size(), to);
}

std::vector<Damage> damages() {
  const auto in = [](const char* file, const std::function<std::string(std::string)>& how) {
    return [=](const fs::path& site) { change(site / file, how); };
  };
  const auto swap = [](const char* from, const char* to) {
    return [=](const std::string& text) { return replaced(text, from, to); };
  };
  const auto copy = [](const char* from, const char* to) {
    return [=](const fs::path& site) { fs::copy_file(site / from, site / to, fs::copy_options::overwrite_existing); };
  };
  const auto conf = "controller-manager.conf";
  return {
      {"nothing", [](const fs::path&) {}},
      {"a key cut off", in("pki/apiserver.key", [](std::string t) { return t.substr(0, t.size() / 2); })},
      {"a key without its end", in("pki/apiserver.key", [](std::string t) { return t.substr(0, t.size() - 20); })},
      {"a key without its beginning", in("pki/apiserver.key", [](std::string t) { return t.substr(20); })},
      {"a key with a wrong letter", in("pki/apiserver.key", [](std::string t) { return t[t.size() / 2] = '!', t; })},
      {"a key with another letter",
       in("pki/apiserver.key", [](std::string t) { return t[t.find('\n') + 28] ^= 1, t; })},
      {"a key under another label", in("pki/apiserver.key", swap("PRIVATE KEY", "CERTIFICATE"))},
      {"a key with its label in the text", in("pki/apiserver.key", swap("-----\n", "-----"))},
      {"a key in place of a certificate", copy("pki/ca.key", "pki/apiserver.crt")},
      {"a key in place of the public one", copy("pki/sa.key", "pki/sa.pub")},
      {"a key in place of a kubeconfig", copy("pki/ca.key", conf)},
      {"a key in place of the configuration", copy("pki/ca.key", "pkigen.yaml")},
      {"a kubeconfig in place of the configuration", copy(conf, "pkigen.yaml")},
      {"a kubeconfig in place of a key", copy(conf, "pki/apiserver.key")},
      {"a kubeconfig in place of a certificate", copy(conf, "pki/apiserver.crt")},
      {"another key than the certificate's", copy("pki/front-proxy-client.key", "pki/apiserver.key")},
      {"a key for all to read", [](const fs::path& site) { fs::permissions(site / "pki/ca.key", fs::perms(0644)); }},
      {"a key behind a quote", in(conf, swap("client-key-data: ", "client-key-data: \""))},
      {"a key in an anchor", in(conf, swap("client-key-data: ", "client-key-data: &a "))},
      {"a key with a tag", in(conf, swap("client-key-data: ", "client-key-data: !!binary "))},
      {"a key as a list", in(conf, swap("client-key-data: ", "client-key-data: ["))},
      {"a key as a name", in(conf, swap("client-key-data: ", "? "))},
      {"a key as the name of a user", in(conf, swap("client-key-data: ", "name: "))},
      {"a key under a wrong name", in(conf, swap("client-key-data: ", "client-keydata: "))},
      {"a key on the line of another", in(conf, swap("\n    client-key-data: ", " client-key-data: "))},
      {"a key on the line of its name", in(conf, swap("client-key-data: ", "client-key-data:"))},
      {"a key twice", in(conf, [](std::string t) { return t + t.substr(t.find("    client-key-data: ")); })},
      {"a key as a token", in(conf, swap("client-key-data: ", "token: "))},
      {"a key as the current context", in(conf, swap("    client-key-data: ", "current-context: "))},
      {"a key that is not base64", in(conf, swap("client-key-data: ", "client-key-data: !"))},
  };
}

std::vector<Words> commands(const fs::path& site) {
  std::vector<Words> all{make("ECDSA-P256"), {"renew", "-v", "all"},      {"renew", "-v", "all", "-o", "json"},
                         {"undo", "-v"},     {"recover", "-v"},           {"backups", "-v", "-o", "json"},
                         {"rbac", "-v"},     {"undo", "-v", "-o", "json"}};
  for (const auto* format : {"text", "wide", "json", "yaml", "prometheus"})
    all.push_back({"check-expiration", "-v", "-o", format, "--also", site.string()});
  for (const auto* file : {"pki/ca.key", "controller-manager.conf"}) {
    all.push_back({"check-expiration", "-v", "--config", (site / file).string()});
    all.push_back({"check-expiration", "-v", "--also", (site / file).string()});
    all.push_back({"init", "-v", "--dry-run", "--config", (site / file).string()});
  }
  // A hook sees what its environment and its parent's command line say, and its output comes out of ours.
  all.push_back({"renew", "-v", "all", "--deploy-hook", "env; tr '\\0' '\\n' </proc/$PPID/cmdline"});
  return all;
}

struct Search {
  KeyFragments fragments;
  std::size_t texts{0};
  std::size_t bytes{0};
  std::size_t hits{0};

  void look(const std::string& what, const std::string& text) {
    ++texts;
    bytes += text.size();
    const auto hit = fragments.find(text, 0);
    if (hit.fragment == nullptr) return;
    ++hits;
    std::printf("FOUND in %s: %s\n", what.c_str(), hit.fragment->what.c_str());
  }
};

/// Seen is what others can read of the process; taken when it is about to end.
struct Seen {
  std::string arguments;
  std::string environment;
};

void look_at(int process, void* context) {
  auto& seen = *static_cast<Seen*>(context);
  const auto base = "/proc/" + std::to_string(process);
  seen.arguments = slurp(base + "/cmdline");
  seen.environment = slurp(base + "/environ");
}

void add_all(KeyFragments& fragments, const fs::path& site) {
  for (const auto& [path, node] : read_tree(site))
    if (node.kind == Node::Kind::file && holds_secret(node.content)) try {
        fragments.add(path, node.content);
      } catch (const std::exception&) {
        // A key that was damaged on purpose; the fragments of the intact one were added before.
      }
}

Command in(const Workplace& place, const Words& words) {
  auto command = place.command(words);
  if (words.front() != "rbac" && words.front() != "backups") return command;
  command.words = {place.program.string()};
  command.words.insert(command.words.end(), words.begin(), words.end());
  if (words.front() == "backups")
    command.words.insert(command.words.end(), {"--cert-dir", (place.site() / "pki").string()});
  return command;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 2) {
    std::fputs("usage: secrets PROGRAM\n", stderr);
    return wrong_usage;
  }
  const TempDir base(memory_dir());
  fs::permissions(base.path(), fs::perms(0755));
  const Workplace place{fs::absolute(argv[1]), base.path()};
  Search search;
  write_tree(place.site(), {});
  for (const auto* algorithm : {"ECDSA-P256", "RSA-2048"}) {
    write_tree(place.site(), {});
    const auto outcome = run(place.command(make(algorithm)));
    if (outcome.status != 0) throw std::runtime_error("init failed: " + outcome.err);
    add_all(search.fragments, place.site());
    search.look("init", outcome.out + outcome.err);
    const auto intact = read_tree(place.site());
    for (const auto& damage : damages()) {
      // Messages about a damage do not depend on the kind of key, and RSA keys take long to make.
      if (algorithm != std::string("ECDSA-P256") && damage.what != std::string("nothing")) break;
      for (const auto& words : commands(place.site())) {
        write_tree(place.site(), intact);
        damage.cause(place.site());
        Seen seen;
        const bool watched = damage.what == std::string("nothing") && words.back().find("env") == std::string::npos;
        const auto command = in(place, words);
        const auto result = watched ? trace(command, {}, look_at, &seen) : run(command);
        add_all(search.fragments, place.site());
        if (watched && seen.arguments.empty()) throw std::runtime_error("the command line was not seen");
        std::string title = std::string(damage.what) + ":";
        for (const auto& word : words)
          title += " " + word;
        search.look(title, result.out + result.err);
        search.look(title + ", seen by others", seen.arguments + seen.environment);
      }
    }
  }
  // The search itself must be able to find.
  auto planted = search;
  planted.look("what was planted, as it must be", slurp(place.site() / "controller-manager.conf"));
  summary.add("texts", search.texts);
  summary.add("bytes", search.bytes);
  summary.add("key fragments searched for", search.fragments.size());
  summary.add("found", search.hits);
  return search.hits == 0 && planted.hits == 1 ? 0 : 1;
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
