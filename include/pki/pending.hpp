// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/commit.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>

namespace pki::inline PKI_ABI {

/// PendingWork is work that a program still has to do after it has renewed certificates. It is recorded durably below
/// CERTIFICATES_DIR/.pkigen, before the commit, so that no crash and no failure leaves a process with an old
/// certificate: the work is done at least once, and in rare cases twice.
enum class PendingWork {
  deploy_hooks,  ///< programs that must be informed of the renewal
  restarts,      ///< processes that read their files only when they start
};

/// Returns the rows for which `work` is pending, in the order in which they were added; empty when nothing is pending.
/// Ignores names that are not in the catalog, and a file that cannot be read (see pending_notes).
PKI_EXPORT [[nodiscard]] std::vector<const CatalogRow*> read_pending(const Layout& layout, PendingWork work,
                                                                     const Catalog& catalog = default_catalog());

/// Adds rows for which `work` is pending; rows that already are keep their place. `manifests_dir` is the absolute path
/// of the directory whose static pods are to be restarted, for the remedy of pending_notes; empty for other work.
/// Durable on return. Throws Error(io).
PKI_EXPORT void add_pending(const Lock& lock, PendingWork work, std::span<const CatalogRow* const> rows,
                            const std::filesystem::path& manifests_dir = {});

/// Records that `work` is done for all rows. Throws Error(io).
PKI_EXPORT void clear_pending(const Lock& lock, PendingWork work);

/// Returns an error for each kind of work that is pending, for each manifest of a static pod that is moved away, and
/// for each record that cannot be read. `load` puts them into the notes of the inventory.
PKI_EXPORT [[nodiscard]] std::vector<Finding> pending_notes(const Layout& layout);

}  // namespace pki::inline PKI_ABI
