// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/commit.hpp>
#include <pki/plan.hpp>

namespace pki::inline PKI_ABI {

/// Creation is the result of a plan of `plan_init`, carried out or not.
struct Creation {
  Plan plan{};                   ///< what was to be made
  std::vector<Issued> issued{};  ///< the new certificates; empty if nothing was missing, and in a dry run
  bool dry_run{false};           ///< the plan was not carried out on purpose
  CommitResult written{};        ///< by the commit, if there was one
};

/// Returns the object that `to_json` returns for the plan, with the serials of the new certificates and with `dryRun`,
/// `changed` (whether something was written; in a dry run, whether something would be), `backup` (the id of the backup
/// of replaced files, or null) and `notes` (of the commit). In a dry run new certificates have no serial.
PKI_EXPORT [[nodiscard]] std::string to_json(const Creation& creation);

}  // namespace pki::inline PKI_ABI
