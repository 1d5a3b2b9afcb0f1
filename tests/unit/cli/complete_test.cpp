// SPDX-License-Identifier: Apache-2.0
#include "commands/complete.hpp"

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <support/catch.hpp>

#include "commands/application.hpp"
#include "commands/command_tree.hpp"
#include "commands/option_rows.hpp"

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

/// The whole command line of the program.
struct Program {
  CLI::App app;
  cli::Run run;
  bool verbose{false};

  Program() { cli::set_up(app, run, verbose); }

  /// What is offered after these words, and the candidates that begin with the last one.
  struct Offer {
    std::string kind;
    std::set<std::string> words;
  };

  Offer complete(const Words& words) const {
    std::istringstream lines(cli::complete(app, words));
    Offer offer;
    std::getline(lines, offer.kind);
    for (std::string line; std::getline(lines, line);)
      if (const auto word = line.substr(0, line.find('\t')); word.starts_with(words.back())) offer.words.insert(word);
    return offer;
  }
};

}  // namespace

TEST_CASE("The last word is completed from the words before it") {
  struct Case {
    Words words;
    std::string kind;
    std::set<std::string> found;
  };
  const Program program;
  for (const auto& [words, kind, found] : {
           Case{{"re"}, "words", {"renew", "recover"}},
           Case{{"-v", "re"}, "words", {"renew", "recover"}},
           Case{{"--", "re"}, "words", {"renew", "recover"}},
           Case{{"help", "b"}, "words", {"backups", "bootstrap-token"}},
           Case{{"help", "init", "b"}, "words", {}},
           Case{{"help", "csr", "c"}, "words", {"create", "cancel"}},
           Case{{"csr", "s"}, "words", {"sign", "status", "submit"}},
           Case{{"csr", "create", "sched"}, "words", {"scheduler.conf"}},
           Case{{"csr", "create", "--reuse"}, "words", {"--reuse-key"}},
           Case{{"csr", "sign", "--profile", "p"}, "words", {"peer"}},
           Case{{"csr", "sign", ""}, "files", {}},
           Case{{"csr", "none", ""}, "words", {}},
           Case{{"init", "front"}, "words", {"front-proxy-ca", "front-proxy-client"}},
           Case{{"init", "ca", "front"}, "words", {"front-proxy-ca", "front-proxy-client"}},
           Case{{"init", "al"}, "words", {}},
           Case{{"renew", "al"}, "words", {"all"}},
           Case{{"init", "--dry"}, "words", {"--dry-run"}},
           Case{{"init", "--", "--dry"}, "words", {}},
           Case{{"init", "--node-name", "--dry"}, "words", {}},
           Case{{"init", "--node-name=x", "--dry"}, "words", {"--dry-run"}},
           Case{{"init", "--dry-run", "sched"}, "words", {"scheduler.conf"}},
           Case{{"init", "--no-such-flag", "sched"}, "words", {"scheduler.conf"}},
           Case{{"init", "--cert-dir", ""}, "directories", {}},
           Case{{"init", "--cert-dir", "x", ""}, "words", program.complete({"init", ""}).words},
           Case{{"init", "--config", ""}, "files", {}},
           Case{{"renew", "--deploy-hook", ""}, "files", {}},
           Case{{"check-expiration", "--also", ""}, "files", {}},
           Case{{"check-expiration", "-o", "y"}, "words", {"yaml"}},
           Case{{"check-expiration", "--lock"}, "words", {}},
           Case{{"completion", "f"}, "words", {"fish"}},
           Case{{"no-such-command", ""}, "words", {}},
           Case{{"no-such-command", "-"}, "words", {}},
           Case{{"undo", "--cert-dir", "/nonexistent/pki", ""}, "words", {}},
       }) {
    INFO(Catch::StringMaker<Words>::convert(words));
    const auto offer = program.complete(words);
    CHECK(offer.kind == kind);
    CHECK(offer.words == found);
  }
  CHECK(cli::complete(program.app, Words{}).starts_with("words\ninit\t"));
}

TEST_CASE("After = the values alone are offered") {
  const Program program;
  CHECK(cli::complete(program.app, Words{"rbac", "--output=j"}) == "words\nyaml\t\njson\t\n");
  CHECK(cli::complete(program.app, Words{"init", "--cert-dir=x"}) == "directories\n");
  CHECK(cli::complete(program.app, Words{"init", "--no-such-flag=x"}) == "words\n");
}

TEST_CASE("Every value of a flag is completed, or is known to be free text") {
  const std::set<std::string> free_text{"NAME",        "ADDRESS", "PORT",  "HOST[:PORT]", "HOST:PORT",
                                        "CIDR[,CIDR]", "DOMAIN",  "TIME",  "SECONDS",     "NUMBER",
                                        "NAME,...",    "GROUP",   "CA=URI"};
  const Program program;
  const auto commands = cli::all_commands(program.app);
  CHECK(commands.size() >= 15);
  for (const auto* command : commands) {
    for (const auto& row : cli::option_rows(*command)) {
      INFO(command->get_name() << " " << row.names.back() << " " << row.value);
      if (!row.takes_value() || free_text.contains(row.value)) continue;
      auto words = words_of(cli::full_name(*command));
      words.insert(words.end(), {row.names.back(), ""});
      const auto offer = cli::complete(program.app, words);
      CHECK(offer != "words\n");
    }
  }
}

TEST_CASE("A row of the help has the names, the value and the default of an option") {
  const Program program;
  const auto init = program.app.get_subcommands([](const CLI::App* each) { return each->get_name() == "init"; });
  std::string text;
  for (const auto& row : cli::option_rows(*init.at(0))) {
    for (const auto& name : row.names)
      text += name + " ";
    text +=
        row.value + "|" + row.fallback + (row.is_argument ? "|argument" : "") + (row.repeats ? "|repeats" : "") + "\n";
  }
  for (const auto* line :
       {"-h --help |\n", "ROW |all|argument|repeats\n", "--cert-dir DIR|/etc/kubernetes/pki\n",
        "--service-cidr CIDR[,CIDR]|10.96.0.0/12\n", "--external-etcd |\n", "-o --output text|json|text\n"})
    CHECK_THAT(text, contains(line));
}
