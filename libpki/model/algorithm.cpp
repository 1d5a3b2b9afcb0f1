#include <pki/error.hpp>
#include <pki/key.hpp>

#include <array>
#include <string>

namespace pki {

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
  std::string known;
  for (const auto& row : names)
    known.append(known.empty() ? "" : ", ").append(row.name);
  throw Error(Errc::invalid_config, "encryptionAlgorithm",
              "invalid encryption algorithm \"" + std::string(name) + "\", expected one of " + known);
}

}  // namespace pki
