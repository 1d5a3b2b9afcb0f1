// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/error.hpp>

namespace fuzz {

/// Broken is a promise of the library that an input has broken.
struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* promise) {
  if (!holds) throw Broken(promise);
}

/// require_plain: what goes to a terminal has no control characters, and is of bounded size whatever the input.
void require_plain(std::string_view text, const char* what);
void require_plain(const pki::Finding& problem);
/// require_plain for many: all of them together are bounded, too.
void require_plain(const std::vector<pki::Finding>& problems);

/// Runs a reader and returns its value, or nullopt where it threw an Error with the code that it promises.
/// Another error, or one that is not fit to print, is a broken promise; any other exception goes on to the caller.
template <class Read>
auto value_of(Read read, pki::Errc code = pki::Errc::malformed) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const pki::Error& error) {
    require(error.code() == code, "an error has the code that is promised");
    require_plain(error.what(), "error");
    require_plain(error.finding());
    return std::nullopt;
  }
}

}  // namespace fuzz
