#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace faults {

/// Needle is a piece of a private key that must not be in memory.
struct Needle {
  std::string bytes;
  std::string what;  ///< "apiserver.key: d, little endian, byte 24"
};

/// Needles are all pieces of some private keys, ready to be searched for.
class Needles {
 public:
  /// add takes a file: a PEM private key, or a kubeconfig with one. From it come, in pieces of 24 bytes, so that
  /// a buffer that was partly overwritten is found too: the numbers d, p, q, dP, dQ, qInv, or the EC scalar, both
  /// as they are written (big endian) and as OpenSSL's numbers lie in memory, and in hex; and the characters of the PEM
  /// text, and of a kubeconfig's base64 of it, that stand for these numbers and for nothing public.
  void add(const std::string& name, const std::string& content);

  [[nodiscard]] std::size_t size() const noexcept { return needles_.size(); }

  /// find gives the first place at or after `from` where a needle is, and which; npos and null: none.
  struct Hit {
    std::size_t place{std::string::npos};
    const Needle* needle{nullptr};
  };
  [[nodiscard]] Hit find(std::string_view memory, std::size_t from) const;

 private:
  void add_pieces(const std::string& what, std::string_view bytes);

  std::vector<Needle> needles_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_start_;
  std::vector<bool> filter_ = std::vector<bool>(1U << 20U);
};

}  // namespace faults
