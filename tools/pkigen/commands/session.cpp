// SPDX-License-Identifier: Apache-2.0
#include "commands/session.hpp"

#include <map>
#include <string>
#include <utility>

#include <pki/external_etcd.hpp>
#include <pki/naming.hpp>

#include "commands/failure.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

bool uses_config(const Request& request, const pki::Inventory& inventory, ConfigUse use) {
  const bool saved = use == ConfigUse::if_any || use == ConfigUse::of_others;
  return use == ConfigUse::always || request.file || (saved && inventory.saved_config) ||
         (use == ConfigUse::of_others && !request.settings.empty());
}

// The configuration of another host says where that one has keys.
void place_signing_keys(Session& session, const Request& request, ConfigUse use) {
  std::map<std::string, std::string> keys;
  for (const auto& entry : session.inventory.entries)
    if (!entry.signing_key.empty()) keys.emplace(entry.row->name, "");
  const auto& saved = session.inventory.saved_config;
  const auto* config = use != ConfigUse::of_others        ? &**session.config->config
                       : saved && saved->problems.empty() ? &saved->config
                                                          : nullptr;
  if (config != nullptr)
    for (const auto& [ca, uri] : config->signing_keys)
      keys[ca] = uri;
  for (const auto& [ca, uri] : request.signing_keys)
    keys[ca] = uri;
  pki::use_signing_keys(session.inventory, keys);
}

}  // namespace

Session open_session(const Request& request, ConfigUse use, std::optional<pki::Lock> lock, pki::KeyCheck check,
                     pki::Links links) {
  const auto* given = request.file ? &request.file->config : nullptr;
  Session session{
      .lock = std::move(lock), .inventory = pki::load(request.layout, check, {}, given, links), .config = {}};
  if (is_typed(request.typed, "--with"))
    session.inventory = pki::load(request.layout, check, catalog_of(request), given, links);
  if (!uses_config(request, session.inventory, use)) {
    pki::use_signing_keys(session.inventory, request.signing_keys);
    return session;
  }
  Host host;
  if (use == ConfigUse::of_others) host.node_name = host.default_route_address = [] { return std::string(); };
  host.external_etcd = pki::assume_external_etcd(session.inventory);
  host.naming = [&](const pki::ValidConfig& config) { return pki::naming_of(session.inventory, config); };
  session.config = complete(request, session.inventory.saved_config, host);
  if (session.config->config) place_signing_keys(session, request, use);
  return session;
}

void warn_about_links(const Session& session) {
  for (const auto& note : session.inventory.notes)
    if (note.rule == pki::Rule::file_linked) warn(note);
}

void refuse_problems(const Request& request) {
  if (request.problems.empty()) return;
  if (request.file) warn(request.file->warnings);
  throw InvalidConfiguration(request.problems);
}

void refuse_problems(const Completed& config) {
  if (config.problems.empty()) return;
  warn(config.warnings);
  throw InvalidConfiguration(config.problems);
}

}  // namespace cli
