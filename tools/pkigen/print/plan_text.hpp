// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/plan.hpp>

namespace cli {

/// Tense says whether a plan was carried out.
enum class Tense { past, future };

/// to_text shows a plan to a person: one line per row, the names of serving certificates below them, and a sum.
[[nodiscard]] std::string to_text(const pki::Plan& plan, Tense tense);

/// count writes "1 conflict", "2 conflicts".
[[nodiscard]] std::string count(std::size_t number, std::string_view noun);

}  // namespace cli
