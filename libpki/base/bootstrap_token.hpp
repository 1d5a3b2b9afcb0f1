// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

// The form of a bootstrap token: ID.SECRET (Kubernetes document "Authenticating with Bootstrap Tokens").
namespace pki::base {

inline constexpr std::string_view token_alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::size_t token_id_size = 6;
inline constexpr std::size_t token_size = 23;  ///< with the point between ID and SECRET

}  // namespace pki::base
