#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/error.hpp>
#include <pki/secret.hpp>

#include "disk/path.hpp"

namespace pki::disk {

// Far above what is reasonable, and small enough to be read whole.
inline constexpr std::size_t key_limit = std::size_t{64} * 1024;
inline constexpr std::size_t certificate_limit = std::size_t{1024} * 1024;
inline constexpr std::size_t config_limit = std::size_t{1024} * 1024;
inline constexpr std::size_t kubeconfig_limit = std::size_t{2} * 1024 * 1024;

/// ReadRules is what a file must be like.
struct ReadRules {
  std::size_t max_size{certificate_limit};
  bool secret{false};  ///< holds a private key: no other user may read it, and it has one name only
  bool may_be_empty{false};
  bool one_name{false};  ///< is not read when it has further names (hard links); a secret never is
};

/// Found is what stands at a path. Missing is `exists` false without a problem. With a problem `content` is empty,
/// except where the only fault is a mode that is too open: then it is there and the caller decides.
struct Found {
  bool exists{false};
  SecretString content;
  unsigned mode{0};  ///< permission bits
  uid_t uid{0};
  gid_t gid{0};
  unsigned links{0};  ///< names that the file has
  std::optional<Problem> problem;
};

/// read_file reads the file at `relative` below `root`. It follows no symbolic link, save one: the link that an
/// unfinished transaction leaves in place of a file, so that the old or the new file is seen at every instant.
/// What is no regular file, too large, empty, or unreadable is a problem, never an exception and never a hang.
/// Nothing on disk changes.
[[nodiscard]] Found read_file(const Directory& root, const std::string& relative, const ReadRules& rules);

/// Listing is the names of the regular files in a directory.
struct Listing {
  bool exists{false};
  std::vector<std::string> names;  ///< sorted; hidden ones (".x") are left out
  std::optional<Problem> problem;  ///< the directory cannot be read, or is none
};

/// list_directory lists the directory at `relative` below `root` ("" or "." is `root` itself). Links of an unfinished
/// transaction count as the files they stand for. Nothing on disk changes.
[[nodiscard]] Listing list_directory(const Directory& root, const std::string& relative);

/// write_atomically writes one file that belongs to no PKI, a report for example: old or new at every instant, exactly
/// `mode` from the first byte. The directory must exist and be safe from others (as in open_for_writing, but the
/// last component alone is looked at). Throws Error(io), also where something other than a regular file stands.
void write_atomically(const std::filesystem::path& path, unsigned mode, std::string_view content);

/// Ownership is what a file shall look like beside its content; without uid and gid they are left to the kernel.
struct Ownership {
  unsigned mode{0600};
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

/// write_new makes a file that does not exist yet, with its final owner and mode before its first byte, and makes its
/// content (not its name) durable. Throws Error(io).
void write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
               std::string_view content);

/// Unsynced writes new files as write_new does, but makes their content durable together and later: one wait for the
/// disk instead of one a file. Files of which sync has not returned may hold anything after a power loss.
class Unsynced {
 public:
  void write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
                 std::string_view content);
  /// sync is called once; after an exception none of the files may be relied on.
  void sync();

 private:
  std::vector<std::pair<Fd, std::filesystem::path>> files_;
};

// The transient link of an unfinished transaction: NAME -> .pkigen-txn/cur/NAME.
inline constexpr std::string_view transaction_name = ".pkigen-txn";
[[nodiscard]] std::string transient_target(const std::string& name);
/// link_target reads a symbolic link; empty when there is none.
[[nodiscard]] std::string link_target(int dir, const std::string& name);

}  // namespace pki::disk
