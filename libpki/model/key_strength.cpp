// SPDX-License-Identifier: Apache-2.0
#include "model/key_strength.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pki::model {

bool is_strong_key(std::string_view algorithm) noexcept {
  constexpr std::array<std::string_view, 4> good{"ECDSA-P256", "ECDSA-P384", "ECDSA-P521", "ED25519"};
  if (std::ranges::find(good, algorithm) != good.end()) return true;
  constexpr std::string_view rsa = "RSA-";
  if (!algorithm.starts_with(rsa)) return false;
  unsigned bits = 0;
  (void)std::from_chars(algorithm.data() + rsa.size(), algorithm.data() + algorithm.size(), bits);
  return bits >= 2048;
}

}  // namespace pki::model
