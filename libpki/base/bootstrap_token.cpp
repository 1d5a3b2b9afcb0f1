// SPDX-License-Identifier: Apache-2.0
#include "base/bootstrap_token.hpp"

#include <pki/bootstrap.hpp>

namespace pki::inline PKI_ABI {

bool is_bootstrap_token(std::string_view text) noexcept {
  using namespace base;
  if (text.size() != token_size || text[token_id_size] != '.') return false;
  return text.substr(0, token_id_size).find_first_not_of(token_alphabet) == std::string_view::npos &&
         text.substr(token_id_size + 1).find_first_not_of(token_alphabet) == std::string_view::npos;
}

}  // namespace pki::inline PKI_ABI
