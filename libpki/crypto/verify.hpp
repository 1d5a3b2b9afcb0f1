#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include <pki/certificate.hpp>

#include "crypto/key_public.hpp"

namespace pki::crypto {

/// Strictness of a verification. `lenient` accepts certificates that lack what RFC 5280 requires, as old tools issue
/// them; `strict` is OpenSSL's -x509_strict. Use `lenient` for issuers that this library did not create.
enum class Strictness { lenient, strict };

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

  /// Returns whether names and signatures lead from `chain[0]` to one of the anchors; dates and usages are ignored.
  [[nodiscard]] bool have_signed(std::span<const Certificate> chain) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Throws Error(mismatch) unless `key` is the public key of `certificate`. `subject` names them in the error.
void check_pair(const Certificate& certificate, const PublicKey& key, const std::string& subject);

}  // namespace pki::crypto
