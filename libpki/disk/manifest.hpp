// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "disk/path.hpp"

namespace pki::disk {

// A kubelet stops a static pod when its manifest disappears and starts it when it comes back. It ignores files whose
// names begin with a dot, so a hidden manifest stays in its directory and one rename restores it.

/// Returns whether PROCESS.yaml is a regular file in the directory.
[[nodiscard]] bool has_manifest(const Directory& directory, const std::string& process);
/// Renames PROCESS.yaml to a hidden name; durable on return. Throws Error(io), and Error(mismatch) when a hidden one is
/// there already. Nothing is ever overwritten.
void hide_manifest(const Directory& directory, const std::string& process);
/// Undoes hide_manifest. Throws Error(io), and Error(mismatch) when both files exist.
void restore_manifest(const Directory& directory, const std::string& process);
/// Returns whether the manifest of `process` is hidden.
[[nodiscard]] bool is_hidden(const Directory& directory, const std::string& process);
/// Returns the processes whose manifests are hidden, sorted. Throws Error(io).
[[nodiscard]] std::vector<std::string> hidden_manifests(const Directory& directory);
/// Returns the hidden name of a manifest.
[[nodiscard]] std::string hidden_manifest_name(const std::string& process);

}  // namespace pki::disk
