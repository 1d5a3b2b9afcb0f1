// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace faults {

/// KeyFragment is a part of a private key that must not be in memory.
struct KeyFragment {
  std::string bytes;
  std::string what;  ///< "apiserver.key: d, little endian, byte 24"
};

/// KeyFragments holds all fragments of some private keys, ready to be searched for.
class KeyFragments {
 public:
  /// Adds the fragments of a file, a PEM private key or a kubeconfig with one. They are 24 bytes long, so that
  /// a partly overwritten buffer is found, too: of the numbers d, p, q, dP, dQ, qInv, or the EC scalar, in big
  /// endian, in the memory order of OpenSSL's numbers, and in hex; and of the characters of the PEM text, and of a
  /// kubeconfig's base64 of it, that encode these numbers and nothing public.
  void add(const std::string& name, const std::string& content);

  [[nodiscard]] std::size_t size() const noexcept { return fragments_.size(); }

  /// Returns the first fragment at or after `from`; npos and null when there is no further one.
  struct Hit {
    std::size_t place{std::string::npos};
    const KeyFragment* fragment{nullptr};
  };
  [[nodiscard]] Hit find(std::string_view memory, std::size_t from) const;

 private:
  void add_pieces(const std::string& what, std::string_view bytes);

  std::vector<KeyFragment> fragments_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_start_;
  std::vector<bool> filter_ = std::vector<bool>(1U << 20U);
};

}  // namespace faults
