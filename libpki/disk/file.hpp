// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/error.hpp>
#include <pki/secret.hpp>

#include "disk/attributes.hpp"
#include "disk/path.hpp"

namespace pki::disk {

// Far above reasonable sizes, and small enough to be held in memory.
inline constexpr std::size_t key_limit = std::size_t{64} * 1024;
inline constexpr std::size_t certificate_limit = std::size_t{1024} * 1024;
inline constexpr std::size_t config_limit = std::size_t{1024} * 1024;
inline constexpr std::size_t kubeconfig_limit = std::size_t{2} * 1024 * 1024;

/// ReadRules restrict the files that read_file accepts.
struct ReadRules {
  std::size_t max_size{certificate_limit};
  bool secret{false};  ///< holds a private key: no other user may read it, and it may have one name only
  bool may_be_empty{false};
  bool one_name{false};    ///< refuses a file with further names (hard links), as for a secret
  bool attributes{false};  ///< reads the extended attributes too
  Links links{Links::refuse};
};

/// Found is the result of reading a path. A missing file has `exists` false and no problem. With a problem `content`
/// is empty, unless the only fault is a mode that is too open: then the caller decides.
struct Found {
  bool exists{false};
  SecretString content;
  unsigned mode{0};  ///< permission bits
  uid_t uid{0};
  gid_t gid{0};
  unsigned links{0};             ///< number of names
  Attributes attributes;         ///< only where the rules ask for them
  std::filesystem::path target;  ///< the file that was read, where the path is a symbolic link to it
  std::optional<Finding> problem;
};

/// read_file reads the file at `relative` below `root`. Unless the rules say so it follows no symbolic link except the
/// one that an unfinished transaction leaves in place of a file, so that readers see the old or the new file at every
/// instant; the target of any other link must be a regular file, which is opened only then. A path that is
/// not a regular file, too large, empty, or unreadable is a problem, never an exception and never a hang. Changes
/// nothing on disk.
[[nodiscard]] Found read_file(const Directory& root, const std::string& relative, const ReadRules& rules);

/// Returns a file that exists as read_file does, by its content and mode alone: the path is not accessed.
[[nodiscard]] Found to_found(const std::filesystem::path& path, SecretString content, unsigned mode,
                             const ReadRules& rules);

/// Ownership says who may do what with a new file; an empty field is left to the kernel.
struct Ownership {
  unsigned mode{0600};
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<Attributes> attributes{};  ///< exactly these

  friend bool operator==(const Ownership&, const Ownership&) = default;
};

/// write_new makes a file that does not exist yet, with its final owner, attributes and mode before its first byte, and
/// makes its content (not its name) durable. Throws Error(io).
void write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
               std::string_view content);

/// replace_file makes or replaces one file: readers see the old or the new one, and the new one is durable on return.
/// It is written as `draft`, a name in the same directory that must be free. Throws Error(io).
void replace_file(const Directory& directory, const std::string& name, const std::string& draft,
                  const Ownership& ownership, std::string_view content);

/// write_atomically replaces a file that belongs to no PKI, such as a report. Its directory must exist, may be reached
/// through a link, and must not be writable by everybody. Throws Error(io), also when `path` is not a regular file.
void write_atomically(const std::filesystem::path& path, unsigned mode, std::string_view content,
                      const Hooks& hooks = no_hooks);

/// Unsynced writes new files as write_new does, but makes their content durable together and later: one wait for the
/// disk instead of one per file. Files that were not synced may hold anything after a power loss.
class Unsynced {
 public:
  /// Returns the names of the security labels that the kernel refuses.
  std::vector<std::string> write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
                                     std::string_view content);
  /// Makes all files durable. Call it once; after an exception none of the files can be relied on.
  void sync();

 private:
  struct OpenFile {
    const Hooks* hooks;
    Fd fd;
    std::filesystem::path path;
  };
  std::vector<OpenFile> files_;
};

// The transient link of an unfinished transaction: NAME -> .pkigen-txn/cur/NAME.
inline constexpr std::string_view transaction_name = ".pkigen-txn";
[[nodiscard]] std::string transient_target(const std::string& name);
/// Returns the target of a symbolic link, or "" and errno.
[[nodiscard]] std::string link_target(int dir, const std::string& name);

}  // namespace pki::disk
