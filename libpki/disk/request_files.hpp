// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/config.hpp>
#include <pki/secret.hpp>

#include "disk/path.hpp"

namespace pki::disk {

// Requests that wait for their certificates, with their keys: one file (0600) per row in
// CERTIFICATES_DIR/.pkigen/requests, never beside live files. Each is replaced as a whole and durable on return.

/// Returns the names of the files, sorted; none where the directory does not exist or may not be entered. Throws
/// Error(io).
[[nodiscard]] std::vector<std::string> request_file_names(const Layout& layout);

/// Returns the content of a file. Throws Error(io), also for a file that others may read.
[[nodiscard]] SecretString read_request_file(const Layout& layout, const std::string& name);

/// Makes or replaces a file. The caller holds the lock. Throws Error(io).
void write_request_file(const Layout& layout, const std::string& name, std::string_view content,
                        const Hooks& hooks = no_hooks);

/// Removes a file; returns false when it did not exist. The caller holds the lock. Throws Error(io).
bool remove_request_file(const Layout& layout, const std::string& name, const Hooks& hooks = no_hooks);

/// Removes what killed writers left unfinished: it may hold keys. The caller holds the lock. Throws Error(io).
void remove_request_drafts(const Layout& layout, const Hooks& hooks = no_hooks);

/// Returns the path of a file, for messages.
[[nodiscard]] std::filesystem::path request_file_path(const Layout& layout, const std::string& name);

}  // namespace pki::disk
