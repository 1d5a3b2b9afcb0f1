// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <pki/report.hpp>

namespace pki::model {

/// Sets the state of a row, which must have a certificate, and the reason by its end, which may be that of its chain.
/// `issuer` is null where it is not known.
void set_state_by_dates(ReportRow& row, const Certificate* issuer, std::chrono::sys_seconds now, const Window& window);

/// Sets the end of the chain where that is before the end of the certificate.
void set_chain_end(ReportRow& row, const TrustPath* path);

/// Names the certificate of the chain that is the reason for the state, and sets the state where the chain is not valid
/// yet; returns whether it did. `place` describes the certificate of the path that expires first.
bool set_state_by_path(ReportRow& row, const TrustPath& path, const std::string& place, std::chrono::sys_seconds now);

}  // namespace pki::model
