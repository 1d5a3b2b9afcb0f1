// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/finding.hpp>

namespace pki::inline PKI_ABI {

/// Errc is the closed list of reasons why a request could not be carried out.
/// Programs branch on it; the text of an Error is for people and may change.
enum class Errc {
  invalid_config,  ///< a configuration value is wrong
  unknown_name,    ///< no row of the catalog has that name or alias
  not_found,       ///< a file that the request needs does not exist
  malformed,       ///< bytes that do not parse as what they should be
  mismatch,        ///< two things that belong together do not match
  ca_key_missing,  ///< the issuer is external: its certificate is here, its key is not
  locked,          ///< another process holds the lock
  io,              ///< the operating system refused; the text ends with its reason
  crypto,          ///< OpenSSL refused; the text ends with its reason
  cancelled,       ///< the caller requested a stop
  api,             ///< the API server of the cluster refused, or did not answer
};

/// Error is the only exception type of the library: one request that could not be carried out.
/// `what()` names the subject, what was found and what was expected: lower case, no full stop, never key
/// material, and plain as to_plain makes it. Conditions that a caller asks about (expired, missing, external) are
/// values, never an Error.
class [[nodiscard]] PKI_EXPORT Error : public std::runtime_error {
 public:
  /// Makes an Error with the rule and severity of `code`.
  Error(Errc code, std::string_view subject, std::string_view message, Remedy remedy = {});
  /// Makes an Error of something that was found before.
  Error(Errc code, Finding finding);
  /// Makes an Error of several things, at least one; `what()` is about the first.
  Error(Errc code, std::vector<Finding> findings);
  Error(const Error&) = default;
  Error(Error&&) = default;
  Error& operator=(const Error&) = default;
  Error& operator=(Error&&) = default;
  ~Error() override;  // defined in the library, and with it the one type information that all users share

  /// Returns the reason, for programs.
  [[nodiscard]] Errc code() const noexcept { return code_; }
  /// Returns the file, catalog row or configuration field concerned; may be empty.
  [[nodiscard]] const std::string& subject() const noexcept { return finding_.subject; }
  /// Returns `what()` without the subject.
  [[nodiscard]] const std::string& message() const noexcept { return finding_.message; }
  /// Returns what to do about it.
  [[nodiscard]] const Remedy& remedy() const noexcept { return finding_.remedy; }
  /// Returns the same as a value, for callers who continue and report it with others.
  [[nodiscard]] const Finding& finding() const noexcept { return finding_; }
  /// Returns what was found wrong besides, where all of it is in the way.
  [[nodiscard]] const std::vector<Finding>& further() const noexcept { return further_; }

 private:
  Errc code_;
  Finding finding_;
  std::vector<Finding> further_;
};

}  // namespace pki::inline PKI_ABI
