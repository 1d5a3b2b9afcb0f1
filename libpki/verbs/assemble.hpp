#pragma once

#include <filesystem>
#include <functional>

#include <pki/inventory.hpp>

#include "disk/file.hpp"

namespace pki::verbs {

/// Reader returns the content of a file of a layout, from the disk or staged for it.
using Reader = std::function<disk::Found(const std::filesystem::path& path, const disk::ReadRules& rules)>;

/// assemble reads the files of every row, one after the other, and parses them on all cores. A file that is invalid
/// becomes a problem of its entry.
[[nodiscard]] Inventory assemble(const Layout& layout, const Reader& read, KeyCheck check = KeyCheck::sign_and_verify);

}  // namespace pki::verbs
