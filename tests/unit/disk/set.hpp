// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <disk/file.hpp>
#include <disk/transaction.hpp>
#include <support/temp_dir.hpp>

// A small PKI in two states, for the tests of transactions.

namespace disk_test {

using Contents = std::map<std::string, std::string>;  // "pki/ca.crt" → content; a missing one is not there

struct Set {
  pki::Layout layout;
  Contents before;
  Contents after;
  std::vector<pki::File> files;
  std::vector<std::filesystem::path> removals;
};

inline std::filesystem::path place(const pki::Layout& layout, const std::string& key) {
  const auto slash = key.find('/');
  const auto root = key.substr(0, slash);
  const auto directory = root == "pki"    ? layout.certificates_dir
                         : root == "etcd" ? layout.certificates_dir / "etcd"
                                          : layout.kubeconfig_dir;
  return directory / key.substr(slash + 1);
}

inline unsigned mode_for(const std::string& key) {
  return key.ends_with(".crt") || key.ends_with(".pub") ? 0644 : 0600;
}

inline Set make_set(const std::filesystem::path& base, Contents before, Contents after) {
  Set set{{base / "kubernetes/pki", base / "kubernetes"}, std::move(before), std::move(after), {}, {}};
  for (const auto& [key, content] : set.before) {
    put(place(set.layout, key), content, mode_for(key));
    if (!set.after.contains(key)) set.removals.push_back(place(set.layout, key));
  }
  for (const auto& [key, content] : set.after)
    set.files.push_back({place(set.layout, key), mode_for(key), pki::SecretString(content)});
  return set;
}

/// large has all cases: replaced, new, removed and kept files in every root.
inline Set large_set(const std::filesystem::path& base) {
  return make_set(base,
                  {{"pki/ca.crt", "ca"},
                   {"pki/server.crt", "old"},
                   {"pki/server.key", "old"},
                   {"pki/gone.crt", "gone"},
                   {"etcd/peer.crt", "old"},
                   {"etcd/peer.key", "old"},
                   {"kubeconfig/admin.conf", "old"},
                   {"kubeconfig/pkigen.yaml", "old"}},
                  {{"pki/ca.crt", "ca"},
                   {"pki/server.crt", "new"},
                   {"pki/server.key", "new"},
                   {"pki/sa.pub", "born"},
                   {"etcd/peer.crt", "new"},
                   {"etcd/peer.key", "new"},
                   {"kubeconfig/admin.conf", "new"},
                   {"kubeconfig/pkigen.yaml", "new"},
                   {"kubeconfig/user.conf", "born"}});
}

inline Set small_set(const std::filesystem::path& base) {
  return make_set(base, {{"pki/server.key", "old"}, {"etcd/peer.key", "old"}},
                  {{"pki/server.key", "new"}, {"pki/sa.pub", "born"}, {"etcd/peer.key", "new"}});
}

inline Set fresh_set(const std::filesystem::path& base) {
  return make_set(
      base, {},
      {{"pki/ca.crt", "new"}, {"pki/ca.key", "new"}, {"etcd/ca.crt", "new"}, {"kubeconfig/admin.conf", "new"}});
}

/// look reads one root in two ways: as other programs do, and as this library does. They must agree.
inline Contents look(const Set& set, const std::string& root, bool& agree) {
  Contents found;
  auto keys = set.before;
  keys.insert(set.after.begin(), set.after.end());
  for (const auto& [key, ignored] : keys) {
    if (!key.starts_with(root + "/")) continue;
    const auto path = place(set.layout, key);
    const auto plain = slurp(path);
    const auto directory = pki::disk::Directory::open(path.parent_path());
    const auto ours = directory ? pki::disk::read_file(*directory, path.filename(), {.secret = mode_for(key) == 0600})
                                : pki::disk::Found{};
    agree = agree && !ours.problem && ours.exists == (plain != "(missing)") &&
            (!ours.exists || plain == ours.content.c_str());
    if (plain != "(missing)") found[key] = plain;
  }
  return found;
}

/// part takes what is in one root.
inline Contents part(const Contents& all, const std::string& root) {
  Contents some;
  for (const auto& [key, content] : all)
    if (key.starts_with(root + "/")) some[key] = content;
  return some;
}

/// state describes what can be seen: one letter a root, o(ld), n(ew), = (no difference), or ! for a torn root.
inline std::string state(const Set& set) {
  std::string text;
  for (const std::string root : {"pki", "etcd", "kubeconfig"}) {
    bool agree = true;
    const auto seen = look(set, root, agree);
    const auto before = part(set.before, root), after = part(set.after, root);
    text += !agree ? '?' : before == after && seen == before ? '=' : seen == before ? 'o' : seen == after ? 'n' : '!';
  }
  return text;
}

inline bool whole(const std::string& state) { return state.find_first_of("!?") == std::string::npos; }
inline bool all_old(const std::string& state) { return state.find_first_not_of("o=") == std::string::npos; }
inline bool all_new(const std::string& state) { return state.find_first_not_of("n=") == std::string::npos; }

inline pki::CommitOptions options() {
  return {.command = "renew", .now = std::chrono::sys_seconds(std::chrono::seconds(1'750'000'000)), .keep_backups = 2};
}

inline pki::CommitResult write(const Set& set, const pki::disk::Verify& verify = {},
                               const pki::disk::Hooks& hooks = pki::disk::no_hooks) {
  return pki::disk::write_transaction(set.layout, set.files, set.removals, options(), verify, hooks);
}

/// leftovers counts what a transaction makes for itself, and must take away.
inline int leftovers(const Set& set) {
  int count = 0;
  if (!std::filesystem::exists(set.layout.kubeconfig_dir)) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(set.layout.kubeconfig_dir)) {
    const std::string name = entry.path().filename();
    if (name == ".pkigen-txn" || name == ".new" || name == ".gone" || entry.is_symlink()) ++count;
  }
  return count;
}

}  // namespace disk_test
