// SPDX-License-Identifier: Apache-2.0
// Puts links, devices, FIFOs, directories and mounts where pkigen expects files, before it starts and while it runs;
// see README.md.

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "objects.hpp"
#include "scenario.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

const Words make{
    "init",      "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256"};
const Words renew_all{"renew", "all"};
const std::vector<Words> commands{
    make,        renew_all,  {"renew", "apiserver", "--deploy-hook", "true"}, {"check-expiration"}, {"undo"},
    {"recover"}, {"backups"}};

/// Target is a path at which an object is put.
struct Target {
  std::string path;
  bool ours{false};  ///< below a name that only pkigen uses: what is in the way there may be cleared away
};

struct Totals {
  std::size_t cases{0};
  std::size_t refused{0};
  std::size_t not_possible{0};
  std::size_t swaps{0};
  std::size_t wrong{0};
};

bool is_public(const std::string& path) {
  return path.ends_with(".crt") || path.ends_with(".pub") || path.ends_with(".yaml");
}

// A report follows links, and prints nothing of what it does not understand.
bool reads_only(const Words& words) { return words.front() == "check-expiration"; }

bool is_directory_of_ours(const std::string& path) { return path.find(".pkigen") != std::string::npos; }

class Hostile {
 public:
  Hostile(Workplace place, std::uint64_t seed, bool mounts)
      : place_(std::move(place)), sentinel_(place_.directory), random_(seed), mounts_(mounts) {
    write_tree(place_.site(), {});
    must_run(make);
    first_ = read_tree(place_.site());
    must_run(renew_all);
    tree_ = read_tree(place_.site());
    targets_ = find_targets();
  }

  /// table takes one of `share` of the cases, by chance.
  void table(std::size_t share) {
    if (share == 0) return;
    for (const auto& target : targets_)
      for (std::size_t object = 0; object < object_count; ++object)
        for (const auto& words : commands)
          if (random_() % share == 0) play(target, static_cast<Object>(object), words);
  }

  /// races takes paths and objects by chance, or the one path that is given.
  void races(std::size_t rounds, const std::string& only) {
    std::vector<std::string> paths{
        "pki/apiserver.key", "pki/apiserver.crt", "pki/ca.key",       "pki/etcd/peer.key", "admin.conf",
        "pkigen.yaml",       "pki/.pkigen",       ".pki.pkigen.lock", "pki/etcd",          "pki"};
    if (!only.empty()) paths = {only};
    for (std::size_t round = 0; round < rounds; ++round) {
      const Target target{paths[random_() % paths.size()], false};
      const auto object = static_cast<Object>(random_() % object_count);
      if (object != Object::mount) race(target, object, commands[round % commands.size()]);
    }
  }

  [[nodiscard]] const Totals& totals() const noexcept { return totals_; }
  [[nodiscard]] std::size_t targets() const noexcept { return targets_.size(); }

 private:
  // Everything that is there, and what is there for a moment only.
  [[nodiscard]] std::vector<Target> find_targets() const {
    std::vector<Target> targets;
    for (const auto& [path, node] : tree_)
      targets.push_back({path, is_directory_of_ours(path)});
    for (const char* path : {"pki/.pkigen-txn", "pki/etcd/.pkigen-txn", ".pkigen-txn", "pki/.pkigen-txn/manifest",
                             "pki/.pkigen-txn/cur", "pki/.pkigen/deploy-pending", "pki/.pkigen/deploy-pending.new",
                             "pki/.pkigen/backups/.new", "pki/.pkigen/backups/.gone"})
      targets.push_back({path, true});
    return targets;
  }

  void must_run(const Words& words) {
    if (run(place_.command(words)).status != 0) throw std::runtime_error(words.front() + " failed");
  }

  Bystanders lay_out() {
    clear_mounts_below();
    write_tree(place_.site(), tree_);
    return {{place_.site(), place_.site() / "pki", place_.site() / "pki/etcd"}, sentinel_};
  }

  void clear_mounts_below() {
    for (auto target = targets_.rbegin(); mounted_ && target != targets_.rend(); ++target)
      clear_mounts(place_.site() / target->path);
    mounted_ = false;
  }

  void wrong(const std::string& where, const std::string& what) {
    if (++totals_.wrong <= 25) std::printf("  %s: %s\n", where.c_str(), what.c_str());
  }

  void play(const Target& target, Object object, const Words& words) {
    auto bystanders = lay_out();
    const auto path = place_.site() / target.path;
    if ((object == Object::mount && !mounts_) || !put_object(object, path, sentinel_))
      return void(++totals_.not_possible);
    mounted_ = object == Object::mount;
    bystanders.forget_missing();
    const auto where = target.path + " is a " + to_text(object) + ", " + words.front();
    struct stat before {};
    ::lstat(path.c_str(), &before);
    const auto tree = mounted_ ? Tree() : read_tree(place_.site());
    sentinel_.forget();
    const auto outcome = run(place_.command(words));
    ++totals_.cases;
    check(target, object, words, where, outcome);
    for (const auto& name : bystanders.changed())
      wrong(where, "a file of others changed: " + name);
    if (outcome.status != 0) ++totals_.refused;
    if (outcome.status != 0 && !mounted_) check_refusal(tree, where, words == renew_all ? target.path : "");
    struct stat after {};
    const bool stands = ::lstat(path.c_str(), &after) == 0 && after.st_ino == before.st_ino;
    if (!stands && !target.ours && !is_restored(target, object, words)) wrong(where, "was replaced or removed");
    if (outcome.status == 0 && must_refuse(target, words)) wrong(where, "was taken: exit 0");
  }

  // A public file may have further names (`cp -al` gives it one): undo puts the file of the backup in the place of this
  // name, and the others keep what they had.
  [[nodiscard]] bool is_restored(const Target& target, Object object, const Words& words) const {
    if (object != Object::hard_link || !is_public(target.path) || words.front() != "undo") return false;
    const auto now = read_tree(place_.site());
    const auto found = now.find(target.path);
    const auto wanted = first_.find(target.path);
    return found != now.end() && wanted != first_.end() && found->second == wanted->second;
  }

  // A command that works on a file must not say that all is well with it.
  static bool must_refuse(const Target& target, const Words& words) {
    return is_file_of_row(target.path) && !target.ours && words.front() == "init";
  }

  void check(const Target& target, Object object, const Words& words, const std::string& where,
             const Outcome& outcome) {
    const bool may_be_read = object == Object::mount || (object == Object::hard_link && is_public(target.path)) ||
                             (object == Object::link_to_file && reads_only(words));
    if (outcome.hung) wrong(where, "did not end");
    if (outcome.signal != 0) wrong(where, "died of signal " + std::to_string(outcome.signal));
    // Only root mounts, and who mounts a directory here wants it used: another disk for the backups, say.
    for (const auto& what : sentinel_.touched(may_be_read, object == Object::mount))
      wrong(where, what);
    // The configuration is no secret: a message about it may quote it.
    const bool may_be_quoted = may_be_read && target.path.ends_with(".yaml");
    if (!may_be_quoted && (outcome.out + outcome.err).find(Sentinel::marker()) != std::string::npos)
      wrong(where, "printed the content");
  }

  static bool is_file_of_row(const std::string& path) {
    return path.ends_with(".crt") || path.ends_with(".key") || path.ends_with(".conf");
  }

  // Returns the path that both files of a row have in common; empty for another path.
  static std::string row_of(const std::string& path) {
    return is_file_of_row(path) ? path.substr(0, path.rfind('.')) : "";
  }

  // Returns whether `renew all` may renew a file while an object is in its way elsewhere: in the place of a file of
  // another row, or of the directory of etcd, which only the rows of etcd's CA need.
  static bool is_of_another_row(const std::string& path, const std::string& object) {
    if (!is_file_of_row(path)) return false;
    if (object == "pki/etcd") return !path.starts_with("pki/etcd/") && row_of(path) != "pki/apiserver-etcd-client";
    return is_file_of_row(object) && row_of(path) != row_of(object);
  }

  // A refused command changed nothing but a lock file and the list of pending deploys. `renew all` renews all rows but
  // those that the object at `spared` concerns.
  void check_refusal(const Tree& before, const std::string& where, const std::string& spared) {
    auto after = read_tree(place_.site());
    for (const auto& [path, node] : before) {
      const bool state = path.find(".pkigen") != std::string::npos;
      const auto found = after.find(path);
      const bool may_change = state || (!spared.empty() && is_of_another_row(path, spared));
      if (!may_change && (found == after.end() || found->second != node))
        return wrong(where, "failed, and changed " + path);
      after.erase(path);
    }
    for (const auto& [path, node] : after)
      if (path.find(".pkigen") == std::string::npos) return wrong(where, "failed, and left " + path);
  }

  // A second process swaps the target and the object as fast as it can.
  void race(const Target& target, Object object, const Words& words) {
    const auto bystanders = lay_out();
    const auto path = place_.site() / target.path;
    const auto other = place_.directory / "other";
    fs::remove_all(other);
    if (!put_object(object, other, sentinel_)) return void(++totals_.not_possible);
    auto& swaps = shared_counter();
    const pid_t swapper = ::fork();
    if (swapper == 0) {
      while (true)
        if (::syscall(SYS_renameat2, AT_FDCWD, path.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) ++swaps;
    }
    sentinel_.forget();
    const auto outcome = run(place_.command(words));
    ::kill(swapper, SIGKILL);
    ::waitpid(swapper, nullptr, 0);
    ++totals_.cases;
    totals_.swaps += swaps;
    ::munmap(&swaps, sizeof swaps);
    check(target, object, words, target.path + " is now and then a " + to_text(object) + ", " + words.front(), outcome);
    // Those in a directory that is swapped itself go with it.
    if (!fs::is_directory(path) && !fs::is_directory(other))
      for (const auto& name : bystanders.changed())
        wrong(target.path, "a file of others changed: " + name);
    if (outcome.status != 0) ++totals_.refused;
  }

  static std::atomic<std::size_t>& shared_counter() {
    using Counter = std::atomic<std::size_t>;
    void* memory = ::mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return *new (memory) Counter(0);
  }

  Workplace place_;
  Sentinel sentinel_;
  std::mt19937_64 random_;
  bool mounts_;
  bool mounted_{false};
  Tree first_;  ///< after init
  Tree tree_;   ///< after a renewal of everything
  std::vector<Target> targets_;
  Totals totals_;
};

int besiege(const std::string& program, std::size_t share, std::size_t rounds, std::uint64_t seed,
            const std::string& only, Summary& summary) {
  if (::geteuid() != 0) {
    std::puts("SKIPPED: devices can be made by root only");
    return skipped;
  }
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  const TempDir base(memory_dir());
  fs::permissions(base.path(), fs::perms(0755));
  const bool mounts = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!mounts) std::puts("SKIPPED: mount points, since this machine allows no mount namespace");
  Hostile hostile({program, base.path()}, seed, mounts);
  hostile.table(share);
  const auto table = hostile.totals();
  std::printf(
      "seed %llu: %zu paths, %zu kinds of things in their place, %zu commands: %zu cases, %zu refused, %zu not "
      "possible, wrong %zu\n",
      static_cast<unsigned long long>(seed), hostile.targets(), object_count, commands.size(), table.cases,
      table.refused, table.not_possible, table.wrong);
  std::fflush(stdout);
  hostile.races(rounds, only);
  const auto& all = hostile.totals();
  summary.add("cases of the table", table.cases);
  summary.add("races", all.cases - table.cases);
  summary.add("swaps", all.swaps);
  summary.add("refused", all.refused);
  summary.add("wrong", all.wrong);
  return all.wrong == 0 && all.cases > 0 ? 0 : 1;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 4 || argc > 6) {
    std::fputs(
        "usage: hostile PROGRAM SHARE RACES [SEED [PATH]]\n  of SHARE cases of the table one is played; 1: all, 0: "
        "none; PATH: race for that one alone\n",
        stderr);
    return wrong_usage;
  }
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  return besiege(fs::absolute(argv[1]), number(2), number(3), argc > 4 ? number(4) : std::random_device{}(),
                 argc > 5 ? argv[5] : "", summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
