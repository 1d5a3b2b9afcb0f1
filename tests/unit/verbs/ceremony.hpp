// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

#include "crypto/key_signing.hpp"
#include "crypto/request.hpp"
#include "crypto/x509.hpp"
#include "old_pki.hpp"

// Both sides of a cluster whose CA keys are not on its hosts.
namespace ceremony {

using namespace std::chrono_literals;

constexpr auto now = old::now;
constexpr auto day = old::day;

inline std::vector<const pki::CatalogRow*> rows(const std::vector<std::string>& names) {
  std::vector<const pki::CatalogRow*> found;
  for (const auto& name : names)
    found.push_back(&pki::default_catalog().find_row(name));
  return found;
}

inline std::string rules_of(const std::vector<pki::Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text.append(text.empty() ? "" : " ").append(to_string(finding.rule));
  return text;
}

inline std::string listed(const std::vector<pki::Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text += finding.subject + ": " + finding.message + "\n";
  return text;
}

/// Cluster is a host with the certificates of its CAs, and the holder of their keys.
class Cluster {
 public:
  Cluster() {
    const auto lock = pki::lock(holder_config.layout);
    const auto nothing = pki::load(holder_config.layout);
    const auto bundle = pki::issue(pki::plan_shared(valid(holder_config), nothing, now - 30 * day), nothing);
    (void)pki::commit(bundle, lock, {.now = now});
    for (const auto* const name : {"ca.crt", "front-proxy-ca.crt", "etcd/ca.crt"})
      put(base_ / ("host/pki/" + std::string(name)), slurp(base_ / ("holder/pki/" + std::string(name))));
  }

  [[nodiscard]] static pki::ValidConfig valid(const pki::ClusterConfig& config) {
    return pki::validate(config).value();
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& relative) const { return base_ / relative; }
  [[nodiscard]] std::filesystem::path request_file(const std::string& row) const {
    return base_ / ("host/pki/.pkigen/requests/" + row);
  }
  [[nodiscard]] pki::Inventory host() const { return pki::load(host_config.layout); }
  [[nodiscard]] pki::Inventory holder() const { return pki::load(holder_config.layout); }

  /// Makes requests on the host, and returns them as they are read from its disk. All that is missing or due is
  /// requested unless the options say otherwise.
  std::vector<pki::WaitingRequest> request(const pki::RequestOptions& options = {},
                                           std::chrono::sys_seconds at = now) const {
    const auto lock = pki::lock(host_config.layout);
    const auto inventory = host();
    const auto plan = pki::plan_request(valid(host_config), inventory, at, options);
    INFO(listed(plan.conflicts));
    REQUIRE(plan.conflicts.empty());
    pki::save_requests(lock, pki::make_requests(plan, inventory, at));
    return pki::read_requests(host());
  }

  /// Returns what the holder decides about requests.
  [[nodiscard]] pki::SigningPlan decide(const std::vector<pki::WaitingRequest>& waiting,
                                        std::chrono::sys_seconds at = now) const {
    const auto config = valid(host_config);
    const auto items = pki::to_bundle(waiting, host()).items;
    auto plan = pki::plan_signing(&config, holder(), items, at);
    INFO(listed(plan.conflicts));
    REQUIRE(plan.conflicts.empty());
    return plan;
  }

  [[nodiscard]] std::vector<pki::Answer> sign(const std::vector<pki::WaitingRequest>& waiting,
                                              std::chrono::sys_seconds at = now) const {
    return pki::sign_requests(decide(waiting, at), holder()).answers;
  }

  [[nodiscard]] pki::Import import(const std::vector<pki::Answer>& answers, std::chrono::sys_seconds at = now) const {
    const auto inventory = host();
    return pki::plan_import(inventory, pki::read_requests(inventory), answers, at);
  }

  /// Imports answers that are expected to be good.
  void put_in_place(const std::vector<pki::Answer>& answers, std::chrono::sys_seconds at = now) const {
    const auto lock = pki::lock(host_config.layout);
    const auto import = this->import(answers, at);
    INFO(listed(import.conflicts));
    REQUIRE(import.conflicts.empty());
    const auto written = pki::commit(import.bundle, lock, {.command = "csr import", .now = at});
    CHECK(listed(written.notes).empty());
  }

  /// Returns the certificate that a CA of the holder makes of any spec.
  [[nodiscard]] pki::Certificate sign_with(std::string_view ca, const pki::CertSpec& spec,
                                           const pki::CertificateRequest& request) const {
    const auto inventory = holder();
    const auto& entry = inventory.find(ca);
    return pki::crypto::sign(spec, pki::crypto::public_key_of(request), *entry.certificate(),
                             pki::crypto::SigningKey(*entry.key));
  }

 private:
  TempDir base_{memory_dir()};

 public:
  pki::ClusterConfig holder_config{config_in(base_ / "holder")};
  pki::ClusterConfig host_config{config_in(base_ / "host")};
};

/// Returns the request for a row.
inline const pki::WaitingRequest& find(const std::vector<pki::WaitingRequest>& waiting, const std::string& row) {
  const auto found = std::ranges::find(waiting, row, &pki::WaitingRequest::row);
  REQUIRE(found != waiting.end());
  return *found;
}

inline pki::Answer& find(std::vector<pki::Answer>& answers, const std::string& row) {
  const auto found = std::ranges::find(answers, row, &pki::Answer::row);
  REQUIRE(found != answers.end());
  return *found;
}

/// Returns the content of the file of a bundle with this name, or "(none)".
inline std::string content_of(const pki::Bundle& bundle, const std::string& file_name) {
  const auto file =
      std::ranges::find(bundle.files, file_name, [](const pki::File& f) { return f.path.filename().string(); });
  return file == bundle.files.end() ? "(none)" : std::string(file->content.begin(), file->content.end());
}

}  // namespace ceremony
