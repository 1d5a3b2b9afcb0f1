// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pki/certificate.hpp>
#include <pki/inventory.hpp>

#include "crypto/key_public.hpp"

namespace pki::crypto {

/// Strictness of a verification. `lenient` accepts certificates that lack what RFC 5280 requires, as old tools issue
/// them; `strict` is OpenSSL's -x509_strict. Use `lenient` for issuers that this library did not create.
enum class Strictness { lenient, strict };

/// ChainVerdict is what OpenSSL says about a chain, whatever its dates.
struct ChainVerdict {
  std::vector<TrustPath> paths{};  ///< those that are accepted; several where certificates were renewed or cross-signed
  std::optional<ChainRefusal> refusal{};  ///< why no path is; empty, too, if no signatures lead to an anchor
};

/// TrustAnchors are trusted certificates, decoded once for any number of verifications. Any certificate may be one,
/// also one that is not self-signed. Immutable, so that threads may share them.
class TrustAnchors {
 public:
  /// Ignores certificates that OpenSSL cannot read.
  explicit TrustAnchors(std::span<const Certificate> trusted);
  TrustAnchors(TrustAnchors&&) noexcept;
  TrustAnchors& operator=(TrustAnchors&&) noexcept;
  ~TrustAnchors();

  /// Verifies `chain` (the certificate, then intermediates) at the instant `at` for the uses of the profile; `peer`
  /// needs both of its uses. Returns an empty text when the chain is valid up to one of the anchors, else OpenSSL's
  /// reason.
  [[nodiscard]] std::string verify(std::span<const Certificate> chain, Profile profile, std::chrono::sys_seconds at,
                                   Strictness strictness = Strictness::lenient) const;

  /// Judges every path of `chain` to one of the anchors for the uses of the profile; of a CA, for those of what it
  /// signs. Dates are ignored. The number of signatures that are verified is limited.
  [[nodiscard]] ChainVerdict judge(std::span<const Certificate> chain, Profile profile,
                                   std::span<const Profile> signs = {}) const;

  /// Returns whether names and signatures lead from `chain[0]` to one of the anchors; dates and usages are ignored.
  [[nodiscard]] bool have_signed(std::span<const Certificate> chain) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Throws Error(mismatch) unless `key` is the public key of `certificate`. `subject` names them in the error.
void check_pair(const Certificate& certificate, const PublicKey& key, const std::string& subject);

}  // namespace pki::crypto
