#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Errc is the closed list of reasons why a request could not be carried out.
/// Programs branch on it; the text of an Error is for people and may change.
enum class Errc {
  invalid_config,  ///< a configuration value is wrong
  unknown_name,    ///< no row of the catalog has that name or alias
  not_found,       ///< a file that the request needs does not exist
  already_exists,  ///< something stands where the request would create
  malformed,       ///< bytes that do not parse as what they should be
  mismatch,        ///< two things that belong together do not match
  ca_key_missing,  ///< the issuer is external: its certificate is here, its key is not
  locked,          ///< another process holds the lock
  io,              ///< the operating system refused; the text ends with its reason
  crypto,          ///< OpenSSL refused; the text ends with its reason
};

/// to_plain makes a text of any origin fit for a message: on one line, without control characters (they become \x1b,
/// so that no file can speak to a terminal or fake a line of a log), and cut after `most` bytes.
[[nodiscard]] std::string to_plain(std::string_view text, std::size_t most = 2048);

/// Problem is one thing found wrong, as a value: where it is, what was found and expected, the way out.
/// The same writing rules as for Error apply; `hint` may be empty.
struct Problem {
  std::string subject;
  std::string message;
  std::string hint;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// make_plain is to_plain for all texts of problems. Every list that the library gives has been through it.
void make_plain(std::vector<Problem>& problems);

/// Error is the only exception type of the library: one request that could not be carried out.
/// `what()` names the subject, what was found and what was expected: lower case, no full stop, never key
/// material, and plain as to_plain makes it. Conditions that a caller asks about (expired, missing, external) are
/// values, never an Error.
class [[nodiscard]] Error : public std::runtime_error {
 public:
  Error(Errc code, std::string_view subject, std::string_view message, std::string_view hint = {})
      : std::runtime_error(subject.empty() ? to_plain(message) : to_plain(subject) + ": " + to_plain(message)),
        code_(code),
        problem_{to_plain(subject), to_plain(message), to_plain(hint)} {}

  [[nodiscard]] Errc code() const noexcept { return code_; }
  /// subject is the file, catalog row or configuration field concerned; it may be empty.
  [[nodiscard]] const std::string& subject() const noexcept { return problem_.subject; }
  /// hint says what to do next; it may be empty.
  [[nodiscard]] const std::string& hint() const noexcept { return problem_.hint; }
  /// problem is the same as a value, for callers who go on and report it with others.
  [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

 private:
  Errc code_;
  Problem problem_;
};

}  // namespace pki
#pragma GCC visibility pop
