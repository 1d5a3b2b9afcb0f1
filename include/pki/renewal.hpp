// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/catalog.hpp>
#include <pki/commit.hpp>
#include <pki/error.hpp>
#include <pki/plan.hpp>

namespace pki::inline PKI_ABI {

/// RequiredRestarts lists the processes that must be restarted after files have changed, and those that load the new
/// files by themselves. Both lists are sorted, have no process in common, and refer to texts of the catalog.
struct RequiredRestarts {
  std::vector<std::string_view> restart{};  ///< read their files only when they start
  std::vector<std::string_view> reload{};   ///< load the new files by themselves

  friend bool operator==(const RequiredRestarts&, const RequiredRestarts&) = default;
};

/// Returns the processes that read rows that have changed.
PKI_EXPORT [[nodiscard]] RequiredRestarts required_restarts(std::span<const CatalogRow* const> rows);

/// Returns the rows that a plan renews, in its order.
PKI_EXPORT [[nodiscard]] std::vector<const CatalogRow*> renewed_rows(const Plan& plan);

/// Renewal is the result of a renewal.
struct Renewal {
  Plan plan{};                      ///< what was to be renewed
  std::vector<Issued> issued{};     ///< the new certificates; empty if nothing was due, and in a dry run
  bool dry_run{false};              ///< the plan was not carried out on purpose
  CommitResult written{};           ///< by the commit, if there was one
  std::vector<Finding> failures{};  ///< of hooks and restarts
};

/// Returns one versioned object of the kind Renewal: for each row its action (renewed, kept, skipped,
/// external), the reason, old and new serial and dates, and how the new certificate differs; the processes to
/// restart and those that reload; the id of the backup; conflicts, warnings, notes of the commit, failures. In a dry
/// run the actions are those that would be taken, and there are no new serials; `changed` is true when something was
/// renewed or, in a dry run, would be. With conflicts nothing is renewed.
PKI_EXPORT [[nodiscard]] std::string to_json(const Renewal& renewal);

}  // namespace pki::inline PKI_ABI
