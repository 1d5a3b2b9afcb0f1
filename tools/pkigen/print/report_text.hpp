#pragma once

#include <string>

#include <pki/report.hpp>

namespace cli {

/// to_text shows a report to a person: kubeadm's two tables byte for byte, a third one of unmanaged certificates,
/// and one line per note. `wide` adds state, algorithm, serial and path to every table.
[[nodiscard]] std::string to_text(const pki::Report& report, bool wide);

/// only_attention leaves out what needs none: rows in order, and notes that are no alarm.
[[nodiscard]] pki::Report only_attention(const pki::Report& report);

}  // namespace cli
