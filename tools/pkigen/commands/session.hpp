// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <pki/commit.hpp>
#include <pki/inventory.hpp>
#include <pki/key.hpp>

#include "commands/request.hpp"

namespace cli {

/// Which configuration a command works with.
enum class ConfigUse {
  always,     ///< defaults and this host where there is neither --config nor a saved configuration
  if_any,     ///< --config or the saved one
  if_given,   ///< --config
  of_others,  ///< --config, flags or the saved one; another host is described, so that this one is not asked
};

/// The data that a command works on, read once. Where there is a lock, it was taken before, so that what is planned is
/// still true when it is written.
struct Session {
  std::optional<pki::Lock> lock;  ///< empty: the command only reads
  pki::Inventory inventory;
  std::optional<Completed> config;

  [[nodiscard]] const pki::Layout& layout() const { return inventory.layout; }
};

/// open_session reads the disk and completes the request from what it finds. A command that only reads follows links.
/// Throws pki::Error(io) as pki::load does.
[[nodiscard]] Session open_session(const Request& request, ConfigUse use, std::optional<pki::Lock> lock = {},
                                   pki::KeyCheck check = pki::KeyCheck::sign_and_verify,
                                   pki::Links links = pki::Links::refuse);
/// Prints a warning for each link that a dry run has followed: the run itself would refuse.
void warn_about_links(const Session& session);

/// refuse_problems throws InvalidConfiguration when there are problems, after printing the warnings.
void refuse_problems(const Request& request);
void refuse_problems(const Completed& config);

}  // namespace cli
