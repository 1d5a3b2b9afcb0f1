// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pki/config.hpp>
#include <pki/error.hpp>

#include "disk/path.hpp"

namespace pki::disk {

// Durable notes about work that is still to be done, in files below CERTIFICATES_DIR/.pkigen: one entry per line, in
// the order in which they were added. Clocks play no part. Each file is replaced as a whole and is durable on return.

/// StateFile is the content of one file of notes.
struct StateFile {
  std::vector<std::string> entries;  ///< oldest first
  std::optional<Finding> problem;    ///< why the file cannot be read
};

/// Returns the path of a file of notes, for messages.
[[nodiscard]] std::filesystem::path state_path(const Layout& layout, const std::string& name);

/// Reads a file of notes, also where CERTIFICATES_DIR is a symbolic link; it has no entries when it does not exist.
/// Throws nothing but bad_alloc.
[[nodiscard]] StateFile read_state(const Layout& layout, const std::string& name, const Hooks& hooks = no_hooks);

/// Replaces a file of notes, or removes it when `entries` is empty. Whatever else has the name is replaced, not
/// followed. The caller holds the lock. Throws Error(io), also for an entry that is not one line.
void write_state(const Layout& layout, const std::string& name, std::span<const std::string> entries,
                 const Hooks& hooks = no_hooks);

/// Opens CERTIFICATES_DIR/.pkigen for writing and makes it (0700, durable) where it is missing. Throws Error(io).
[[nodiscard]] Directory make_state_directory(const Layout& layout, const Hooks& hooks = no_hooks);
/// Opens CERTIFICATES_DIR/.pkigen; returns empty when it does not exist. `links` is about CERTIFICATES_DIR. Throws
/// Error(io).
[[nodiscard]] std::optional<Directory> open_state_directory(const Layout& layout, const Hooks& hooks = no_hooks,
                                                            Links links = Links::refuse);

}  // namespace pki::disk
