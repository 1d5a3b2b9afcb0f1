#pragma once

#include <span>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/key.hpp>

namespace pki {

/// make_keys makes one key for each algorithm, in that order, on all cores. The first failure ends the work and is
/// thrown when every thread has ended.
[[nodiscard]] std::vector<PrivateKey> make_keys(std::span<const KeyAlgorithm> algorithms, const Progress& progress);

}  // namespace pki
