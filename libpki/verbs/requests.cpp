// SPDX-License-Identifier: Apache-2.0
#include "verbs/requests.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/cancel.hpp"
#include "base/digest.hpp"
#include "base/parallel.hpp"
#include "crypto/request.hpp"
#include "disk/request_files.hpp"
#include "model/place.hpp"
#include "model/plan_check.hpp"

namespace pki::inline PKI_ABI {

namespace {

// The file of a request begins with lines NAME: VALUE, which RFC 7468 allows before a PEM block; then follow the
// request and, where it is new, its key.
constexpr std::string_view requested_field = "requested";
constexpr std::string_view replaces_field = "replaces";
constexpr std::string_view validity_field = "validity";
constexpr std::string_view public_key_field = "public-key-sha256";
constexpr std::string_view cluster_field = "cluster";
constexpr std::string_view server_field = "server";
constexpr std::string_view key_label = "PRIVATE KEY-----";

std::string_view view_of(const SecretString& text) { return {text.data(), text.size()}; }

/// Returns the value of a line before the first PEM block; empty where there is no such line.
std::string_view field_of(std::string_view text, std::string_view name) {
  auto head = text.substr(0, text.find("-----BEGIN"));
  while (!head.empty()) {
    const auto line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) return line.substr(name.size() + 2);
  }
  return {};
}

void add_field(SecretString& text, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  text.append(name).append(": ").append(value).append("\n");
}

SecretString to_text(const WaitingRequest& one) {
  SecretString text;
  add_field(text, requested_field, base::rfc3339(one.requested));
  add_field(text, replaces_field, one.replaces);
  add_field(text, validity_field, std::to_string(one.validity.count()));
  add_field(text, public_key_field, one.request.public_key_sha256);
  add_field(text, cluster_field, one.cluster);
  add_field(text, server_field, one.server);
  text.append(one.request.pem);
  if (one.key) text.append(one.key->pem());
  return text;
}

[[noreturn]] void refuse(const Layout& layout, std::string_view row, std::string_view message) {
  throw Error(Errc::malformed, disk::request_file_path(layout, std::string(row)).string(), message,
              fmt::format("cancel the request for {} and make it again", row));
}

std::chrono::sys_seconds requested_at(const Layout& layout, std::string_view row, std::string_view text) {
  const auto at = base::parse_rfc3339(field_of(text, requested_field));
  if (!at) refuse(layout, row, "is not the request that it should be: its date is missing");
  return *at;
}

std::chrono::seconds validity_of(std::string_view text) {
  const auto field = field_of(text, validity_field);
  long long seconds = 0;
  (void)std::from_chars(field.data(), field.data() + field.size(), seconds);
  return std::chrono::seconds(seconds);
}

WaitingRequest parse_waiting(const Layout& layout, const std::string& row, const SecretString& content) {
  const auto text = view_of(content);
  const auto subject = disk::request_file_path(layout, row).string();
  WaitingRequest one{.row = row,
                     .requested = requested_at(layout, row, text),
                     .request = std::move(parse_requests(text, subject).front()),
                     .key = {},
                     .replaces = std::string(field_of(text, replaces_field)),
                     .validity = validity_of(text),
                     .cluster = std::string(field_of(text, cluster_field)),
                     .server = std::string(field_of(text, server_field)),
                     .in_catalog = true};
  if (text.find(key_label) != std::string_view::npos) one.key = parse_private_key(text, subject);
  if (one.key && one.key->public_key_sha256() != one.request.public_key_sha256)
    refuse(layout, row, "is not the request that it should be: its key is another one");
  return one;
}

std::string digest_of(const Entry& entry) {
  return entry.certificate() == nullptr ? std::string() : base::sha256_hex(entry.certificate()->pem);
}

// A killed import may have left the request of a certificate that is in place.
bool is_answered(const Entry& entry, std::string_view public_key_sha256, std::string_view replaces) {
  return entry.certificate() != nullptr && entry.certificate()->public_key_sha256 == public_key_sha256 &&
         digest_of(entry) != replaces;
}

WaitingRequest make_waiting(const Step& step, const Entry& entry, std::chrono::sys_seconds now,
                            std::optional<PrivateKey> key) {
  const auto& spec = *step.spec();
  const auto& signing = key ? *key : *entry.key;
  WaitingRequest one{.row = std::string(step.row->name),
                     .requested = now,
                     .request = crypto::make_request(spec, signing),
                     .key = std::move(key),
                     .replaces = digest_of(entry),
                     .validity = spec.not_after - now,
                     .cluster = {},
                     .server = {},
                     .in_catalog = true};
  if (const auto* create = std::get_if<Create>(&step.what)) {
    one.cluster = create->cluster;
    one.server = create->server;
  }
  return one;
}

bool keeps_key(const Step& step) {
  const auto* renew = std::get_if<Renew>(&step.what);
  return renew != nullptr && renew->reuse_key;
}

}  // namespace

std::vector<WaitingRequest> make_requests(const Plan& plan, const Inventory& inventory, std::chrono::sys_seconds now,
                                          const KeyOptions& options) {
  model::check_plan(plan, inventory);
  std::vector<const Step*> steps;
  std::vector<KeyAlgorithm> wanted;
  for (const auto& step : plan.steps) {
    if (step.spec() == nullptr) continue;
    steps.push_back(&step);
    if (!keeps_key(step)) wanted.push_back(parse_key_algorithm(step.algorithm()));
  }
  auto keys = generate_private_keys(wanted, options);
  std::vector<std::optional<PrivateKey>> given(steps.size());
  auto next = keys.begin();
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (!keeps_key(*steps[i])) given[i] = std::move(*next++);
  std::vector<WaitingRequest> requests(steps.size());
  base::in_parallel(steps.size(), options.threads, [&](std::size_t i) {
    base::refuse_stopped(options.stop);
    requests[i] = make_waiting(*steps[i], inventory.find(steps[i]->row->name), now, std::move(given[i]));
  });
  return requests;
}

void save_requests(const Lock& lock, std::span<const WaitingRequest> requests) {
  disk::remove_request_drafts(lock.layout());
  for (const auto& one : requests) {
    const auto text = to_text(one);
    disk::write_request_file(lock.layout(), one.row, view_of(text));
  }
}

std::vector<WaitingRequest> read_requests(const Inventory& inventory) {
  std::vector<WaitingRequest> requests;
  for (const auto& entry : inventory.entries) {
    if (!entry.request) continue;
    const std::string row(entry.row->name);
    requests.push_back(parse_waiting(inventory.layout, row, disk::read_request_file(inventory.layout, row)));
  }
  return requests;
}

std::vector<WaitingRequest> read_stray_requests(const Inventory& inventory) {
  std::vector<WaitingRequest> requests;
  for (const auto& name : disk::request_file_names(inventory.layout)) {
    if (inventory.catalog.try_find_row(name) != nullptr) continue;
    requests.push_back(parse_waiting(inventory.layout, name, disk::read_request_file(inventory.layout, name)));
    requests.back().in_catalog = false;
  }
  return requests;
}

std::vector<std::string> request_names(const Layout& layout) { return disk::request_file_names(layout); }

// No row has a slash in its name, and a path would lead out of the directory of the requests.
std::size_t cancel_requests(const Lock& lock, std::span<const std::string> rows) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const std::string& row) {
    return row.find('/') == std::string::npos && disk::remove_request_file(lock.layout(), row);
  }));
}

}  // namespace pki::inline PKI_ABI

namespace pki::verbs {

namespace {

// One that cannot be read hides no other.
void read_pending_request(Entry& entry, Inventory& inventory) try {
  const std::string row(entry.row->name);
  const auto content = disk::read_request_file(inventory.layout, row);
  const auto text = view_of(content);
  const auto key = field_of(text, public_key_field);
  if (is_answered(entry, key, field_of(text, replaces_field))) return;
  entry.request = PendingRequest{requested_at(inventory.layout, row, text), std::string(key)};
} catch (const Error& error) {
  inventory.notes.push_back(error.finding());
}

}  // namespace

void read_pending_requests(Inventory& inventory) try {
  for (const auto& name : disk::request_file_names(inventory.layout)) {
    const auto found = std::ranges::find(inventory.entries, name, [](const Entry& entry) { return entry.row->name; });
    if (found != inventory.entries.end()) read_pending_request(*found, inventory);
  }
} catch (const Error& error) {
  inventory.notes.push_back(error.finding());
}

std::vector<Finding> end_requests(const Bundle& bundle) {
  std::vector<Finding> notes;
  const auto attempt = [&](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      notes.push_back(error.finding());
      notes.back().severity = Severity::warning;
    }
  };
  std::vector<std::string> names;
  attempt([&] {
    names = disk::request_file_names(bundle.layout);
    disk::remove_request_drafts(bundle.layout);
  });
  for (const auto& name : names) {
    const auto* row = bundle.catalog.try_find_row(name);
    const auto path = row == nullptr ? std::filesystem::path() : model::place_of(*row, bundle.layout).path;
    if (std::ranges::find(bundle.files, path, &File::path) != bundle.files.end())
      attempt([&] { (void)disk::remove_request_file(bundle.layout, name); });
  }
  return notes;
}

}  // namespace pki::verbs
