// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/lists.hpp"
#include "base/usages.hpp"
#include "base/words.hpp"
#include "model/clock.hpp"
#include "model/entry_check.hpp"
#include "model/further_rows.hpp"
#include "model/identity.hpp"
#include "model/inventory_check.hpp"
#include "model/key_strength.hpp"
#include "model/repeated.hpp"

namespace pki::inline PKI_ABI {

namespace {

using Names = std::vector<GeneralName>;

class SigningPlanner {
 public:
  SigningPlanner(const ValidConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
                 const SigningOptions& options)
      : config_(config), inventory_(inventory), now_(now), options_(options) {}

  SigningPlan plan(std::span<const RequestItem> items) {
    plan_.catalog = inventory_.catalog;
    if (auto behind = model::check_clock(inventory_, now_)) plan_.conflicts.push_back(std::move(*behind));
    for (const auto& item : items)
      decide(item);
    for (auto* list : {&plan_.conflicts, &plan_.warnings}) {
      model::drop_repeated(*list);
      make_plain(*list);
    }
    return std::move(plan_);
  }

 private:
  /// Purpose is that of a request: the row that it names, or what the caller said about requests without one.
  struct Purpose {
    const CatalogRow* row{nullptr};
    const CatalogRow* issuer{nullptr};
    Profile profile{Profile::client};
  };

  void decide(const RequestItem& item) {
    const auto purpose = purpose_of(item);
    if (!purpose || !can_sign(item, *purpose->issuer)) return;
    const auto before = plan_.conflicts.size();
    check_key(item);
    if (item.request.is_ca && purpose->profile != Profile::ca)
      refuse(item, Rule::leaf_is_ca, "asks for the certificate of a CA");
    if (purpose->row != nullptr && !seen_.insert(purpose->row).second)
      refuse(item, Rule::values_conflict, fmt::format("is a second request for {}", purpose->row->name));
    auto spec = purpose->row != nullptr ? spec_of_row(item, *purpose->row) : spec_of_request(item, purpose->profile);
    if (plan_.conflicts.size() != before) return;
    set_dates(item, *purpose, spec);
    plan_.steps.push_back({item, purpose->issuer, std::move(spec)});
  }

  std::optional<Purpose> purpose_of(const RequestItem& item) {
    if (item.row.empty()) return purpose_of_profile(item);
    const auto* row = inventory_.catalog.try_find_row(item.row);
    if (row == nullptr) {
      refuse(item, Rule::unknown_name, fmt::format("is for {}, which is no row of the catalog", item.row));
      return std::nullopt;
    }
    if (row->issuer.empty() || row->has_token()) {
      refuse(item, Rule::invalid_value,
             fmt::format("is for {}, which {}", row->name, row->is_ca() ? "signs itself" : "no CA signs"));
      return std::nullopt;
    }
    if (config_ == nullptr) {
      refuse(item, Rule::value_missing, "its names cannot be checked: no configuration describes the host that asks",
             Remedy::set_option("config"));
      return std::nullopt;
    }
    return Purpose{row, &inventory_.catalog.find_row(row->issuer), row->profile};
  }

  std::optional<Purpose> purpose_of_profile(const RequestItem& item) {
    const auto ca = std::ranges::find_if(inventory_.catalog.rows(), &CatalogRow::is_ca);
    if (!options_.profile || !options_.validity || ca == inventory_.catalog.rows().end()) {
      refuse(item, Rule::value_missing, "names no row, and nothing says what its certificate is for and how long",
             Remedy::set_option("profile and validity"));
      return std::nullopt;
    }
    const auto& row = options_.ca.empty() ? *ca : inventory_.catalog.find_row(options_.ca);
    if (!row.is_ca()) throw Error(Errc::invalid_config, options_.ca, "is not a CA");
    return Purpose{nullptr, &row, *options_.profile};
  }

  // The faults of a CA are reported once, whatever the number of its requests.
  bool can_sign(const RequestItem& item, const CatalogRow& row) {
    const auto& ca = inventory_.find(row.name);
    const auto [known, is_new] = able_.try_emplace(&row, false);
    if (is_new) known->second = judge(ca);
    if (!known->second) return false;
    if (item.issuer_public_key_sha256.empty() || item.issuer_public_key_sha256 == ca.certificate()->public_key_sha256)
      return true;
    refuse(item, Rule::mismatch,
           fmt::format("comes from a host whose {} has another key than {}", row.name, ca.path.string()),
           "sign it with the CA of its own cluster");
    return false;
  }

  bool judge(const Entry& ca) {
    const std::string name(ca.row->name);
    if (!ca.exists) {
      plan_.conflicts.push_back({Rule::ca_missing,
                                 Severity::error,
                                 ca.path.string(),
                                 "missing, expected the certificate of the CA that signs",
                                 name,
                                 {Remedy::Kind::restore, {}, {ca.path.string()}}});
      return false;
    }
    auto errors = model::only(model::check_entry(ca, nullptr, now_), Severity::error);
    const bool good = errors.empty() && ca.certificate() != nullptr;
    std::ranges::move(errors, std::back_inserter(plan_.conflicts));
    if (ca.key || !ca.signing_key.empty() || !good) return good;
    plan_.conflicts.push_back({Rule::ca_key_missing,
                               Severity::error,
                               ca.key_path.string(),
                               "the key of the CA is not here, expected it to sign with",
                               name,
                               {Remedy::Kind::restore, {}, {ca.key_path.string()}}});
    return false;
  }

  void check_key(const RequestItem& item) {
    const auto& request = item.request;
    if (!model::is_strong_key(request.key_algorithm))
      refuse(item, Rule::key_weak, fmt::format("has a {} key, expected {}", request.key_algorithm, model::strong_keys));
    for (const auto& entry : inventory_.entries)
      if (entry.row->is_ca() && entry.certificate() != nullptr &&
          entry.certificate()->public_key_sha256 == request.public_key_sha256)
        refuse(item, Rule::key_mismatch, fmt::format("has the key of {} itself", entry.row->name));
  }

  // Subject, names and usages are those of the row; what the request asks for beside them is refused.
  CertSpec spec_of_row(const RequestItem& item, const CatalogRow& row) {
    const auto& request = item.request;
    auto wanted = model::identity_of(row, *config_);
    if (request.common_name != wanted.common_name)
      refuse(item, Rule::common_name_differs,
             fmt::format("asks for the common name {}, expected {}", base::shown_value(request.common_name),
                         base::shown_value(wanted.common_name)));
    if (model::may_lack_groups(row, *config_, request.organizations)) wanted.organizations.clear();
    if (base::sorted(request.organizations) != base::sorted(wanted.organizations))
      refuse(item, Rule::organization_differs,
             fmt::format("asks for the organizations {}, expected {}", base::join(request.organizations),
                         base::join(wanted.organizations)));
    check_usages(item, row.profile);
    const auto extra = base::without(request.sans, wanted.sans);
    if (const auto refused = base::without(extra, options_.allowed_sans); !refused.empty())
      refuse(item, Rule::names_unexplained,
             fmt::format("asks for {}, which the configuration does not name", model::join(refused)),
             Remedy::set_option("config or allowed_sans"));
    if (const auto missing = base::without(wanted.sans, request.sans); !missing.empty())
      refuse(item, Rule::names_missing,
             fmt::format("does not ask for {}, which the configuration names", model::join(missing)),
             Remedy::set_option("config"));
    auto& names = wanted.sans;
    for (const auto& name : extra)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return {.profile = row.profile,
            .common_name = std::move(wanted.common_name),
            .organizations = std::move(wanted.organizations),
            .sans = std::move(wanted.sans),
            .path_length = row.path_length};
  }

  CertSpec spec_of_request(const RequestItem& item, Profile profile) {
    const auto& request = item.request;
    if (request.common_name.empty() && request.sans.empty())
      refuse(item, Rule::value_missing, "has neither a common name nor an alternative name");
    if (profile != Profile::client && request.sans.empty())
      refuse(item, Rule::server_without_names, "has no alternative name, by which clients know a server");
    const auto& organizations = request.organizations;
    if (!options_.allow_masters && std::ranges::find(organizations, masters_group) != organizations.end())
      refuse(item, Rule::organization_differs,
             fmt::format("asks for the group {}, to which no rule of the API server applies", masters_group),
             Remedy::set_option("allow_masters"));
    check_usages(item, profile);
    for (const auto& name : base::without(request.sans, options_.allowed_sans))
      if (name.value.find('*') != std::string::npos || name.kind == GeneralName::Kind::other)
        refuse(item, Rule::names_unexplained, fmt::format("asks for {}", to_text(name)),
               name.kind == GeneralName::Kind::other ? Remedy() : Remedy::set_option("allowed_sans"));
    return {.profile = profile,
            .common_name = request.common_name,
            .organizations = organizations,
            .sans = without_repeated(request.sans)};
  }

  static Names without_repeated(const Names& names) {
    Names once;
    for (const auto& name : names)
      if (std::ranges::find(once, name) == once.end()) once.push_back(name);
    return once;
  }

  void check_usages(const RequestItem& item, Profile profile) {
    const auto allowed = base::usages_of(profile);
    if (const auto wider = base::without(item.request.extended_key_usages, allowed); !wider.empty())
      refuse(item, Rule::usages_wider,
             fmt::format("asks for the usages {}, expected {} at most", base::join(wider), base::join(allowed)));
  }

  void set_dates(const RequestItem& item, const Purpose& purpose, CertSpec& spec) {
    const auto& ca = *inventory_.find(purpose.issuer->name).certificate();
    const auto validity = options_.validity ? *options_.validity : model::validity_of(*purpose.row, **config_);
    spec.not_before = std::max(now_ - base::backdate, ca.not_before);
    spec.not_after = std::min(now_ + validity, ca.not_after);
    if (spec.not_after < now_ + validity)
      warn(item, Rule::ends_with_ca,
           fmt::format("will end with its CA on {}, before the {} it should have", base::to_date(ca.not_after),
                       base::days_text(validity)));
  }

  static std::string subject_of(const RequestItem& item) { return item.source.empty() ? item.row : item.source; }

  void refuse(const RequestItem& item, Rule rule, std::string message, Remedy remedy = {}) {
    plan_.conflicts.push_back(
        {rule, Severity::error, subject_of(item), std::move(message), item.row, std::move(remedy)});
  }

  void warn(const RequestItem& item, Rule rule, std::string message) {
    plan_.warnings.push_back({rule, Severity::warning, subject_of(item), std::move(message), item.row});
  }

  const ValidConfig* config_;
  const Inventory& inventory_;
  std::chrono::sys_seconds now_;
  const SigningOptions& options_;
  std::set<const CatalogRow*> seen_;
  std::map<const CatalogRow*, bool> able_;  // whether a CA can sign
  SigningPlan plan_;
};

}  // namespace

SigningPlan plan_signing(const ValidConfig* config, const Inventory& inventory, std::span<const RequestItem> items,
                         std::chrono::sys_seconds now, const SigningOptions& options) {
  model::check_inventory(inventory);
  return SigningPlanner(config, inventory, now, options).plan(items);
}

}  // namespace pki::inline PKI_ABI
