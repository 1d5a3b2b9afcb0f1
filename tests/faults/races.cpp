// SPDX-License-Identifier: Apache-2.0
// Starts two pkigen at once on the same directory, many times; and kills the holder of the lock. See README.md.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "scenario.hpp"
#include "spawn.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"
#include "validity.hpp"

namespace faults {

namespace {

using Clock = std::chrono::steady_clock;

const Words make{
    "init",       "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256", "--output",    "json"};

struct Counts {
  std::size_t rounds{0};
  std::size_t waited{0};
  std::size_t refused{0};
  std::size_t late{0};
  std::size_t killed{0};
  std::size_t wrong{0};
};

Counts counts;

void wrong(const std::string& what, const std::string& text) {
  if (++counts.wrong < 10) std::printf("  %s: %s\n", what.c_str(), text.c_str());
}

/// Runner is a child that waits for a byte and then becomes the command.
struct Runner {
  pid_t pid{0};
  std::filesystem::path output;
};

void send_to(const std::string& path, int fd) {
  ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), fd);
}

Runner start(const Command& command, const char* name, int gate) {
  const auto output = command.output.string() + name;
  const pid_t pid = ::fork();
  if (pid != 0) return {pid, output};
  send_to(output + ".out", 1);
  send_to(output + ".err", 2);
  std::vector<char*> words;
  for (const auto& word : command.words)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  char byte = 0;
  if (gate >= 0) (void)!::read(gate, &byte, 1);
  ::execv(words[0], words.data());
  ::_exit(127);
}

int finish(const Runner& runner) {
  int status = 0;
  ::waitpid(runner.pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Contest is what two processes do at once.
struct Contest {
  Words words;
  Tree before;        ///< of the site
  const char* made;   ///< printed by the one that did the work
  const char* late;   ///< the error of the one that comes after it; empty: it finds nothing to do and succeeds
  Words elsewhere{};  ///< names of keys that are not here
};

/// Returns a scenario as a contest.
Contest contest(const Workplace& place, const char* name, const char* made, const char* late) {
  const auto& row = row_named(name);
  prepare(place, row);
  return {row.run, read_tree(place.site()), made, late, keys_elsewhere(row)};
}

bool made(const Runner& runner, const Contest& contest) {
  return slurp(runner.output.string() + ".out").find(contest.made) != std::string::npos;
}

void check_disk(const Workplace& place, const Contest& contest) {
  for (const auto& root : see_all(place.site()))
    for (const auto& what : find_invalid(root, contest.elsewhere))
      wrong("invalid", what);
  for (const auto& [path, node] : read_tree(place.site()))
    if (path.find(".pkigen-txn") != std::string::npos || node.kind == Node::Kind::link) wrong("left over", path);
}

void race(const Workplace& place, const Contest& contest, const char* timeout) {
  write_tree(place.site(), contest.before);
  auto command = place.command(contest.words);
  command.words.back() = timeout;
  std::array<int, 2> gate{};
  if (::pipe2(gate.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const std::array both{start(command, "-a", gate[0]), start(command, "-b", gate[0])};
  if (::write(gate[1], "go", 2) != 2) throw std::runtime_error("cannot start");
  const std::array status{finish(both[0]), finish(both[1])};
  ::close(gate[0]);
  ::close(gate[1]);
  const bool patient = std::string(timeout) != "0";
  ++counts.rounds;
  std::size_t makers = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    const auto error = slurp(both[i].output.string() + ".err");
    if (status[i] == 0) {
      makers += made(both[i], contest) ? 1U : 0U;
    } else if (status[i] == 5 && !patient) {
      ++counts.refused;
      if (error.find("holds the lock") == std::string::npos) wrong("message", "none");
    } else if (status[i] == 1 && *contest.late != '\0' && error.find(contest.late) != std::string::npos) {
      ++counts.late;
    } else {
      wrong("exit " + std::to_string(status[i]), error);
    }
  }
  counts.waited += patient ? 1U : 0U;
  if (makers != 1) wrong("makers", std::to_string(makers));
  check_disk(place, contest);
}

bool is_locked(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  const bool locked = ::fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  ::close(fd);
  return locked;
}

// RSA keys take long enough to be found at it.
void kill_holder(const Workplace& place) {
  write_tree(place.site(), {});
  auto words = make;
  words[6] = "RSA-4096";
  const auto holder = start(place.command(words), "-holder", -1);
  const auto end = Clock::now() + std::chrono::seconds(30);
  while (!is_locked(place.site() / ".pki.pkigen.lock") && Clock::now() < end)
    ::usleep(200);
  ::kill(holder.pid, SIGKILL);
  if (finish(holder) != -SIGKILL) return wrong("holder", "ended before it was killed");
  ++counts.killed;
  auto next = place.command({"recover"});
  next.words.back() = "0";
  const auto outcome = run(next);
  if (outcome.status != 0) wrong("not free after kill -9", outcome.err);
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 3) {
    std::fputs("usage: races PROGRAM ROUNDS\n", stderr);
    return wrong_usage;
  }
  const TempDir base(memory_dir());
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  const Workplace place{std::filesystem::absolute(argv[1]), base.path()};
  const auto rounds = std::strtoul(argv[2], nullptr, 10);
  const auto run_all = [&](const Contest& contest, unsigned long number) {
    for (unsigned long i = 0; i < number; ++i)
      race(place, contest, i % 2 == 0 ? "60" : "0");
  };
  run_all({make, {}, "\"create\"", "", {}}, rounds);
  run_all(contest(place, "csr create", " 4 of them new", ""), rounds / 10);
  run_all(contest(place, "csr import", "imported ", "for which no request waits"), rounds / 10);
  for (unsigned long i = 0; i < rounds / 10; ++i)
    kill_holder(place);
  summary.add("races", counts.rounds);
  summary.add("with a wait", counts.waited);
  summary.add("with exit 5", counts.refused);
  summary.add("after an import", counts.late);
  summary.add("holders killed", counts.killed);
  summary.add("wrong", counts.wrong);
  return counts.wrong == 0 && counts.refused > 0 ? 0 : 1;
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
