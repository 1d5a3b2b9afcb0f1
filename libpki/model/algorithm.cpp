// SPDX-License-Identifier: Apache-2.0
#include <pki/key.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <pki/error.hpp>

#include "base/words.hpp"

namespace pki::inline PKI_ABI {

namespace {

struct AlgorithmName {
  KeyAlgorithm algorithm;
  std::string_view name;
};

constexpr std::array names{
    AlgorithmName{KeyAlgorithm::rsa_2048, "RSA-2048"},     AlgorithmName{KeyAlgorithm::rsa_3072, "RSA-3072"},
    AlgorithmName{KeyAlgorithm::rsa_4096, "RSA-4096"},     AlgorithmName{KeyAlgorithm::ecdsa_p256, "ECDSA-P256"},
    AlgorithmName{KeyAlgorithm::ecdsa_p384, "ECDSA-P384"},
};

}  // namespace

std::string_view to_string(KeyAlgorithm algorithm) noexcept {
  for (const auto& row : names)
    if (row.algorithm == algorithm) return row.name;
  return "unknown";
}

std::optional<KeyAlgorithm> try_parse_key_algorithm(std::string_view name) noexcept {
  for (const auto& row : names)
    if (row.name == name) return row.algorithm;
  return std::nullopt;
}

KeyAlgorithm parse_key_algorithm(std::string_view name) {
  if (const auto algorithm = try_parse_key_algorithm(name)) return *algorithm;
  std::vector<std::string_view> known;
  std::ranges::transform(names, std::back_inserter(known), &AlgorithmName::name);
  throw Error(Errc::invalid_config, "encryptionAlgorithm",
              fmt::format("invalid encryption algorithm {}, expected one of {}", base::shown_value(name),
                          fmt::join(known, ", ")));
}

}  // namespace pki::inline PKI_ABI
