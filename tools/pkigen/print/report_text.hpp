// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/report.hpp>

namespace cli {

/// to_text shows a report to a person: kubeadm's two tables byte for byte, a third one of unmanaged certificates,
/// one line per note, and the totals. `wide` adds state, algorithm, serial and path to every table.
[[nodiscard]] std::string to_text(const pki::Report& report, bool wide);

/// only_attention leaves out what needs none: rows in order, notes that are no alarm, and the totals.
[[nodiscard]] pki::Report only_attention(const pki::Report& report);

}  // namespace cli
