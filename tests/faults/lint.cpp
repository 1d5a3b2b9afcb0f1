// SPDX-License-Identifier: Apache-2.0
#include "lint.hpp"

#include <fcntl.h>

#include <map>
#include <set>

namespace faults {

namespace {

enum class Phase { stage, link, flip, finish, remove };

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }
bool in_transaction(const std::string& path) { return contains(path, "/.pkigen-txn"); }

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class Linter {
 public:
  Linter(const Outcome& outcome, const std::string& site) : outcome_(outcome), site_(site) {}

  Findings run() {
    if (outcome_.children > 0) findings_.push_back({Fault::order, "started another program"});
    for (const auto& call : outcome_.calls) {
      if (call.path.empty() || call.fd == 1 || call.fd == 2) continue;
      check_open(call);
      check_place(call);
      check_file(call);
      check_sync(call);
      check_phase(call);
    }
    if (outcome_.status == 0) expect_clean(Phase::remove, "exit");
    return std::move(findings_);
  }

 private:
  void say(const Call& call, const char* what) { findings_.push_back({Fault::order, to_text(call) + ": " + what}); }

  [[nodiscard]] bool is_root(const std::string& path) const {
    return path == site_ || path == site_ + "/pki" || path == site_ + "/pki/etcd";
  }
  [[nodiscard]] bool is_final(const std::string& path) const {
    return is_root(parent(path)) && !is_root(path) && !name_of(path).starts_with(".");
  }

  void check_open(const Call& call) {
    if (!call.opens()) return;
    if ((call.flags & O_CLOEXEC) == 0) say(call, "opened without O_CLOEXEC");
    if ((call.flags & O_CREAT) != 0 && call.name() == "openat" && (call.arguments[3] & 077U) != 0)
      say(call, "made with a mode that is open to others");
    if (call.raw.starts_with('/') && !is_root(call.path)) say(call, "opened by its path");
  }

  void check_place(const Call& call) {
    if (call.name().starts_with("link")) say(call, "a hard link");
    if (call.mutates && is_final(call.path) && !call.renames() && !call.unlinks() && !call.syncs())
      say(call, "changed a file in its place");
  }

  static bool changes_access(const Call& call) {
    const std::string name(call.name());
    return contains(name, "chmod") || contains(name, "chown") || contains(name, "setxattr") ||
           contains(name, "removexattr");
  }

  // A file is known from its making; everything else that is renamed is a link or a directory.
  void check_file(const Call& call) {
    if (call.failed()) return;
    const bool makes = call.opens() && (call.flags & O_CREAT) != 0 && !contains(call.path, ".pkigen.lock");
    if (makes) files_[call.path] = {};
    const auto file = files_.find(call.path);
    if (file == files_.end()) return;
    if (call.writes_data()) file->second.synced = !(file->second.written = true);
    if (call.syncs()) file->second.synced = true;
    if (changes_access(call) && file->second.written) say(call, "owner, attributes or mode set after the first byte");
    if (call.unlinks()) files_.erase(file);
    if (!call.renames()) return;
    if (!file->second.synced) say(call, "renamed before it was synced");
    files_.erase(file);
  }

  void check_sync(const Call& call) {
    if (!call.syncs()) return;
    if (failed_.contains(call.path) && !changed_since_ && (flipped_ || files_.contains(call.path)))
      say(call, "synced again after a failure");
    if (!call.failed()) return;
    failed_.insert(call.path);
    changed_since_ = false;
    if (phase_ < Phase::finish && !flipped_) doomed_ = true;
  }

  static bool is_flip(const Call& call) { return call.renames() && call.path2.ends_with("/.pkigen-txn/cur"); }

  // Directories with names that are not durable yet, by the phase that changed them.
  void check_phase(const Call& call) {
    if (call.syncs() && !call.failed()) dirty_.erase(call.path);
    if (!(call.renames() || call.unlinks() || makes_name(call))) return;
    const auto phase = phase_of(call);
    if (phase > phase_ && matters(phase)) expect_clean(phase, to_text(call));
    if (phase == Phase::link && phase_ == Phase::flip) say(call, "linked after the commit");
    if (is_flip(call) && doomed_) say(call, "committed after a sync failed");
    phase_ = phase > phase_ ? phase : phase_;
    if (call.failed()) return;
    changed_since_ = true;
    flipped_ = flipped_ || is_flip(call);
    if (contains(call.path, ".pkigen/backups") || phase == Phase::remove) return forget(call);
    // Where a name came from may forget it later: recovery takes a name that is not a link as done.
    dirty_[parent(call.renames() ? call.path2 : call.path)] = phase;
  }

  static bool makes_name(const Call& call) {
    const bool lock = contains(call.path, ".pkigen.lock");
    return call.name().starts_with("mkdir") || call.name().starts_with("symlink") ||
           (call.opens() && (call.flags & O_CREAT) != 0 && !lock);
  }

  // A backup is made under a hidden name: each directory in it must be durable before it gets its own.
  void forget(const Call& call) {
    if (call.renames() && contains(call.path, ".pkigen/backups/.new"))
      for (const auto& [path, phase] : dirty_)
        if (contains(path, ".pkigen/backups/.new")) say(call, "a directory of the backup was not synced");
    if (call.unlinks()) dirty_.erase(call.path);
    if (!call.unlinks() && !call.renames()) dirty_[parent(call.path)] = Phase::stage;
    if (call.renames()) dirty_[parent(call.path2)] = Phase::stage;
  }

  // Giving up in the middle skips phases, and what was not linked or flipped need not be durable.
  [[nodiscard]] bool matters(Phase next) const {
    return next == Phase::remove ? phase_ >= Phase::link : next == Phase::finish ? flipped_ : true;
  }

  [[nodiscard]] Phase phase_of(const Call& call) const {
    if (is_flip(call)) return Phase::flip;
    if (call.renames() && contains(call.path, ".pkigen-txn/lnk/")) return Phase::link;
    if (call.renames() && in_transaction(call.path) && is_final(call.path2)) return Phase::finish;
    if (call.unlinks() && is_final(call.path)) return Phase::finish;
    if (call.unlinks() && in_transaction(call.path)) return Phase::remove;
    return phase_ == Phase::remove ? Phase::remove : Phase::stage;
  }

  void expect_clean(Phase next, const std::string& where) {
    for (const auto& [directory, phase] : dirty_)
      if (phase < next) findings_.push_back({Fault::order, directory + " not synced before " + where});
    dirty_.clear();
  }

  struct File {
    bool written{false};
    bool synced{false};
  };

  const Outcome& outcome_;
  const std::string& site_;
  Findings findings_;
  std::map<std::string, File> files_;
  std::map<std::string, Phase> dirty_;
  std::set<std::string> failed_;
  Phase phase_{Phase::stage};
  bool changed_since_{false};  ///< names changed after the last sync that failed: to sync now says something new
  bool flipped_{false};
  bool doomed_{false};
};

}  // namespace

Findings lint(const Outcome& outcome, const std::string& site) { return Linter(outcome, site).run(); }

}  // namespace faults
