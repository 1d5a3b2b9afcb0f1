// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/catalog.hpp>
#include <pki/config.hpp>
#include <pki/inventory.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

/// assemble returns the inventory that `load` returns where exactly `files` are on the disk: those of a Bundle, or of a
/// store that is no disk. It looks for the same paths with the same rules, modes included, and accesses no disk. Of
/// several files with one path the last one counts, so that newer files may follow older ones. The notes of the
/// inventory are empty: no write is unfinished and no work is pending. Without files nothing exists yet, and
/// `plan_init` makes everything. `check`, `catalog` and `config` are those of `load`.
PKI_EXPORT [[nodiscard]] Inventory assemble(const Layout& layout, std::span<const File> files = {},
                                            KeyCheck check = KeyCheck::sign_and_verify,
                                            const std::optional<Catalog>& catalog = {},
                                            const ClusterConfig* config = nullptr);

/// FileReader returns the content of a file; nothing where it does not exist.
using FileReader = std::function<std::optional<SecretString>(const std::filesystem::path& path)>;

/// Returns the same inventory from the files that `read` returns, which is called by the calling thread, one file after
/// the other; what it throws passes through. The files have no modes, so none is too open.
PKI_EXPORT [[nodiscard]] Inventory assemble(const Layout& layout, const FileReader& read,
                                            KeyCheck check = KeyCheck::sign_and_verify,
                                            const std::optional<Catalog>& catalog = {},
                                            const ClusterConfig* config = nullptr);

}  // namespace pki::inline PKI_ABI
