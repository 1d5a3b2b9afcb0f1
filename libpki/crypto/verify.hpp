#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include <pki/certificate.hpp>
#include <pki/key.hpp>

namespace pki::crypto {

/// Rules says how hard to judge. Found certificates may lack what RFC 5280 asks for, as those of old tools do; issued
/// ones must pass OpenSSL's -x509_strict. Use `found` where the issuer is not our work.
enum class Rules { found, issued };

/// Anchors are trusted certificates made ready for many verifications: to read one takes OpenSSL longer than to verify
/// a signature. Constant after construction, so threads may share one.
class Anchors {
 public:
  explicit Anchors(std::span<const Certificate> trusted);
  Anchors(Anchors&&) noexcept;
  Anchors& operator=(Anchors&&) noexcept;
  ~Anchors();

  /// verify is verify_chain against these.
  [[nodiscard]] std::string verify(std::span<const Certificate> chain, Profile profile, std::chrono::sys_seconds at,
                                   Rules rules = Rules::found) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// verify_chain judges `chain` (the certificate, then intermediates) against each of `trusted`, at `at`, for what the
/// profile is used for; `peer` for both of its uses. It gives an empty text when the chain is sound, else
/// OpenSSL's reason. Any trusted certificate is an anchor, also one that is not self-signed.
[[nodiscard]] std::string verify_chain(std::span<const Certificate> chain, std::span<const Certificate> trusted,
                                       Profile profile, std::chrono::sys_seconds at, Rules rules = Rules::found);

/// is_signed_by follows names and signatures from `chain[0]` to one of `trusted`; dates and usages are ignored.
[[nodiscard]] bool is_signed_by(std::span<const Certificate> chain, std::span<const Certificate> trusted);

/// check_pair throws Error(mismatch) unless `key` is the key of `certificate`. `subject` names them in the error.
void check_pair(const Certificate& certificate, const PrivateKey& key, const std::string& subject);

}  // namespace pki::crypto
