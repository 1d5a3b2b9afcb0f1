// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <pki/certificate.hpp>
#include <pki/inventory.hpp>

#include "crypto/anchor.hpp"
#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"

namespace pki::crypto {

/// Accepted is one path that OpenSSL accepts.
struct Accepted {
  TrustPath path;
  std::vector<std::size_t> members;  // places in the chain, the certificate itself first
  std::size_t anchor;                // place among the anchors
};

/// PathSearch asks OpenSSL about each path of names from a certificate to an anchor, whatever the dates are. The number
/// of signatures that are verified is limited.
class PathSearch {
 public:
  /// `chain` is the certificate and what comes with it. `signs` are the profiles of what it signs, if it is a CA.
  PathSearch(std::span<const Certificate> chain, std::span<const Anchor> anchors, Profile profile,
             std::span<const Profile> signs);

  [[nodiscard]] const std::vector<Accepted>& accepted() const noexcept { return accepted_; }
  [[nodiscard]] ChainVerdict verdict() const;

 private:
  void climb();
  [[nodiscard]] bool is_known(std::size_t next) const;
  void attempt(std::size_t anchor, bool itself);
  [[nodiscard]] Outcome judge_authorities(std::size_t anchor, bool itself);
  [[nodiscard]] TrustPath path_to(std::size_t anchor, bool itself) const;
  void refuse(const Outcome& outcome, std::size_t anchor, bool itself);
  [[nodiscard]] X509* handle_of(std::size_t i);

  std::span<const Certificate> chain_;
  std::span<const Anchor> anchors_;
  Profile profile_;
  std::span<const Profile> signs_;
  std::vector<Handle<X509>> handles_;
  std::vector<std::size_t> members_;
  std::vector<Accepted> accepted_;
  std::optional<ChainRefusal> refusal_;
  std::size_t steps_{0};
  std::size_t signatures_{0};
};
}  // namespace pki::crypto
