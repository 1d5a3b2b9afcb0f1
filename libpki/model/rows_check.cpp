// SPDX-License-Identifier: Apache-2.0
#include "model/rows_check.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "base/words.hpp"
#include "model/catalog_check.hpp"
#include "model/further_rows.hpp"
#include "model/identity.hpp"

namespace pki::model {

namespace {

using Findings = std::vector<Finding>;

constexpr std::string_view placeholder_rule =
    "at most one placeholder, {node_name}, {dns_domain}, {advertise_address}, {first_service_ip}, "
    "{control_plane_host}, "
    "{control_plane_url} or {local_url}";
constexpr std::string_view san_rule =
    "an IP address, an RFC 1123 subdomain in lower case, or \"*.\" before one, with at most one placeholder";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Names are words of command lines and stems of file names.
bool is_safe_name(std::string_view name) {
  constexpr std::size_t longest = 63;
  return !name.empty() && name.size() <= longest && is_lower_or_digit(name.front()) && is_lower_or_digit(name.back()) &&
         std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
}

const CatalogRow* find_named(std::span<const CatalogRow> rows, std::string_view name) {
  const auto found = std::ranges::find_if(rows, [&](const CatalogRow& row) { return has_name(row, name); });
  return found == rows.end() ? nullptr : &*found;
}

/// RowsCheck collects what is wrong with the rows of a configuration.
class RowsCheck {
 public:
  explicit RowsCheck(const RowsConfig& config) : config_(config), further_(config) {}

  Findings run() {
    check_optional();
    for (const auto& row : further_.rows()) {
      if (!further_.is_own(row)) continue;
      check_name(row);
      check_issuer(row);
      check_files(row);
      check_texts(row);
      if (further_.field_of(row).starts_with("certificateAuthorities")) check_authority(row);
    }
    for (std::size_t i = 0; i < config_.authorities.size(); ++i)
      if (const auto& ca = config_.authorities[i]; ca.validity)
        check_validity(findings_, fmt::format("certificateAuthorities[{}].validityPeriod", i), *ca.validity);
    for (std::size_t i = 0; i < config_.leaves.size(); ++i)
      check_leaf(config_.leaves[i], fmt::format("certificates[{}]", i));
    for (std::size_t i = 0; i < config_.overrides.size(); ++i)
      check_override(i, fmt::format("overrides[{}]", i));
    if (findings_.empty()) findings_ = check_catalog(further_.rows());
    make_plain(findings_);
    return std::move(findings_);
  }

 private:
  [[nodiscard]] std::string field(const CatalogRow& row, std::string_view name) const {
    return fmt::format("{}.{}", further_.field_of(row), name);
  }

  void add(Rule rule, std::string field, std::string message) {
    findings_.push_back({rule, Severity::error, std::move(field), std::move(message)});
  }
  void refuse(std::string field, std::string_view value, std::string_view expected) {
    add(Rule::invalid_value, std::move(field),
        fmt::format("invalid value {}, expected {}", base::shown_value(value), expected));
  }
  void refuse_missing(std::string field, std::string_view expected) {
    add(Rule::value_missing, std::move(field), fmt::format("missing, expected {}", expected));
  }

  void check_optional() {
    for (std::size_t i = 0; i < config_.optional.size(); ++i) {
      const auto& name = config_.optional[i];
      const auto here = fmt::format("optionalRows[{}]", i);
      std::vector<std::string> names;
      std::ranges::transform(optional_rows(), std::back_inserter(names),
                             [](const auto& r) { return std::string(r.name); });
      if (find_row(optional_rows(), name) == nullptr)
        refuse(here, name, "one of " + base::join(names));
      else if (std::ranges::count(std::span(config_.optional).first(i), name) != 0)
        add(Rule::values_conflict, here, fmt::format("{} is a duplicate", name));
    }
  }

  void check_name(const CatalogRow& row) {
    const auto here = field(row, "name");
    if (row.name.empty()) return refuse_missing(here, "a name for the row");
    if (!is_safe_name(row.name))
      return refuse(here, row.name,
                    "at most 63 lower-case letters, digits, '-' and '.', a letter or digit first and last");
    if (row.name == "all") return refuse(here, row.name, "another name: it means all rows");
    for (const auto built_in : {default_catalog().rows(), optional_rows()})
      if (const auto* other = find_named(built_in, row.name))
        return refuse(here, row.name, fmt::format("another name: it is that of the row {}", other->name));
    const auto rows = further_.rows();
    const auto earlier = rows.first(static_cast<std::size_t>(&row - rows.data()));
    if (const auto* first = find_row(earlier, row.name))
      add(Rule::values_conflict, here,
          fmt::format("{} is a duplicate, {} has it as well", base::shown_value(row.name), further_.field_of(*first)));
  }

  void check_issuer(const CatalogRow& row) {
    const auto here = field(row, "issuer");
    if (row.issuer.empty()) {
      if (!row.is_ca()) refuse_missing(here, "the name of the CA that signs it");
      return;
    }
    const auto rows = further_.rows();
    const auto* issuer = find_row(rows, row.issuer);
    if (issuer == nullptr) return refuse(here, row.issuer, "the name of a CA: " + authorities());
    if (!issuer->is_ca()) return refuse(here, row.issuer, "a CA, not a leaf: " + authorities());
    if (issuer == &row) return refuse(here, row.issuer, "another CA, or no issuer for a CA that signs itself");
    if (!has_earlier_issuer(rows, row))
      return refuse(here, row.issuer, "a CA that comes before this one, so that none signs itself in a circle");
    if (!has_issuer_on_its_hosts(rows, row))
      add(Rule::values_conflict, field(row, "roles"),
          fmt::format("its CA {} is not on every host of these roles", row.issuer));
  }

  [[nodiscard]] std::string authorities() const {
    std::vector<std::string> names;
    for (const auto& row : further_.rows())
      if (row.is_ca()) names.push_back(base::shown_name(row.name));
    return base::join(names);
  }

  void check_files(const CatalogRow& row) {
    const auto here = field(row, "path");
    const auto rows = further_.rows();
    const bool kubeconfig = row.form == Form::kubeconfig;
    if (row.path.empty()) return;  // so is the name
    // The directory of the kubeconfigs has other files and directories, the saved configuration among them.
    if (!has_writable_path(rows, row) || !base::is_utf8(row.path) || (kubeconfig && !row.path.ends_with(".conf")))
      refuse(here, row.path,
             kubeconfig ? "a file name that ends with .conf" : "a file name without extension, or one in etcd/");
    else if (!has_files_of_its_own(rows, row) && is_later(row))
      add(Rule::values_conflict, here, fmt::format("{} is the path of another row", base::shown_value(row.path)));
  }

  // Of two rows with one path the second one is wrong.
  [[nodiscard]] bool is_later(const CatalogRow& row) const {
    const auto rows = further_.rows();
    const auto earlier = rows.first(static_cast<std::size_t>(&row - rows.data()));
    return std::ranges::any_of(earlier, [&](const CatalogRow& other) {
      return other.path == row.path && (other.form == Form::kubeconfig) == (row.form == Form::kubeconfig);
    });
  }

  void check_texts(const CatalogRow& row) {
    check_text(field(row, "commonName"), row.common_name.recommended, true);
    check_text(field(row, "server"), row.server, true);
    std::size_t number = 0;
    const auto check_organization = [&](std::string_view text) {
      const auto here = field(row, fmt::format("organizations[{}]", number++));
      if (text.empty()) return refuse_missing(here, "a text");
      check_text(here, text, false);
    };
    if (!row.organization.recommended.empty() || !row.further_organizations.empty())
      check_organization(row.organization.recommended);
    for (const auto text : row.further_organizations)
      check_organization(text);
    for (std::size_t i = 0; i < row.sans.size(); ++i)
      check_san(field(row, fmt::format("sans[{}]", i)), row.sans[i]);
  }

  void check_text(const std::string& here, std::string_view text, bool to_one_value) {
    if (!base::is_utf8(text))
      refuse(here, text, "a text in UTF-8");
    else if (!is_expandable(text, to_one_value))
      refuse(here, text, to_one_value ? "at most one placeholder, and one that always has a value" : placeholder_rule);
  }

  // A placeholder has a value that is valid by itself.
  void check_san(const std::string& here, std::string_view text) {
    if (!is_expandable(text, false)) return refuse(here, text, placeholder_rule);
    const auto begin = text.find('{');
    if (begin == std::string_view::npos && parse_san(text).kind == GeneralName::Kind::other)
      refuse(here, text, san_rule);
  }

  void check_authority(const CatalogRow& row) {
    if (!has_valid_path_length(further_.rows(), row))
      refuse(field(row, "pathLength"), std::to_string(*row.path_length), "a number from 0 to 127");
    if (const auto* above = narrow_ancestor(further_.rows(), row);
        above != nullptr && !further_.field_of(*above).empty())
      add(Rule::values_conflict, field(*above, "pathLength"),
          fmt::format("{} allows fewer CAs below it than there are: {} is one of them", *above->path_length, row.name));
  }

  void check_leaf(const LeafConfig& leaf, const std::string& here) {
    const bool kubeconfig = leaf.form == Form::kubeconfig;
    if (leaf.form == Form::bare_key) refuse(here + ".form", "bareKey", "keyPair or kubeconfig");
    if (leaf.profile == Profile::ca || leaf.profile == Profile::none)
      refuse(here + ".profile", to_string(leaf.profile), "client, server or peer");
    else if (kubeconfig && leaf.profile != Profile::client)
      refuse(here + ".profile", to_string(leaf.profile), "client, because it is a kubeconfig");
    else if (leaf.profile != Profile::client && leaf.sans.empty())
      refuse_missing(here + ".sans", "the names of the server, without which clients refuse it");
    if (!kubeconfig && !leaf.server.empty())
      add(Rule::values_conflict, here + ".server", "found in a key pair, expected in a kubeconfig only");
    if (leaf.validity) check_validity(findings_, here + ".validityPeriod", *leaf.validity);
    for (std::size_t i = 0; i < leaf.consumers.size(); ++i)
      if (leaf.consumers[i].process.empty())
        refuse_missing(fmt::format("{}.consumers[{}].process", here, i), "the name of a process");
  }

  void check_override(std::size_t i, const std::string& here) {
    const auto& change = config_.overrides[i];
    const auto* row = find_named(further_.rows(), change.name);
    if (row == nullptr)
      refuse(here + ".name", change.name, "the name of a row");
    else if (further_.is_own(*row))
      refuse(here + ".name", change.name, "a row of Kubernetes, not one that this configuration adds");
    else if (change.validity && row->profile == Profile::none)
      refuse(here + ".validityPeriod", to_string(*change.validity), "none, because the row has no certificate");
    else if (change.validity)
      check_validity(findings_, here + ".validityPeriod", *change.validity);
    const auto earlier = std::span(config_.overrides).first(i);
    if (row != nullptr && std::ranges::any_of(earlier, [&](const auto& other) { return has_name(*row, other.name); }))
      add(Rule::values_conflict, here + ".name", fmt::format("{} is a duplicate", row->name));
  }

  const RowsConfig& config_;
  FurtherRows further_;
  Findings findings_;
};

}  // namespace

std::vector<Finding> check_rows(const RowsConfig& rows) { return RowsCheck(rows).run(); }

std::vector<Finding> check_row_names(const ValidConfig& config) {
  Findings findings;
  if (!config->rows) return findings;
  const FurtherRows further(*config->rows);
  for (const auto& row : further.rows()) {
    if (further.field_of(row).empty()) continue;
    for (std::size_t i = 0; i < row.sans.size(); ++i)
      for (const auto& value : expand(row.sans[i], row, config))
        if (!value.empty() && parse_san(value).kind == GeneralName::Kind::other)
          findings.push_back({Rule::invalid_value, Severity::error,
                              fmt::format("{}.sans[{}]", further.field_of(row), i),
                              fmt::format("invalid value {}, expected {}", base::shown_value(value), san_rule)});
    const bool server = row.profile == Profile::server || row.profile == Profile::peer;
    if (server && findings.empty() && identity_of(row, config).sans.empty())
      findings.push_back({Rule::value_missing, Severity::error, further.field_of(row) + ".sans",
                          "none of the names has a value in this configuration, expected one for the server"});
  }
  make_plain(findings);
  return findings;
}

std::vector<Finding> warnings_of_rows(const ClusterConfig& config) {
  Findings findings;
  if (!config.rows) return findings;
  const FurtherRows further(*config.rows);
  for (const auto& row : further.rows()) {
    const auto* issuer = find_row(further.rows(), row.issuer);
    if (row.validity.count() == 0 || issuer == nullptr || row.validity <= validity_of(*issuer, config)) continue;
    const auto& change =
        std::ranges::find_if(config.rows->overrides, [&](const auto& o) { return has_name(row, o.name); });
    const auto field = further.is_own(row) ? further.field_of(row)
                                           : fmt::format("overrides[{}]", change - config.rows->overrides.begin());
    findings.push_back({Rule::validity_above_ca, Severity::warning, field + ".validityPeriod",
                        fmt::format("{} is longer than the {} of its CA {}, and no certificate outlives its CA",
                                    to_string(row.validity), to_string(validity_of(*issuer, config)), issuer->name)});
  }
  make_plain(findings);
  return findings;
}

void check_validity(std::vector<Finding>& findings, const std::string& field, std::chrono::seconds validity) {
  const auto refuse = [&](std::string_view expected) {
    findings.push_back({Rule::invalid_value, Severity::error, field,
                        fmt::format("invalid value \"{}\", expected {}", to_string(validity), expected)});
  };
  if (validity < std::chrono::minutes{1}) refuse("at least one minute");
  if (validity > std::chrono::hours{24 * 365 * 1000}) refuse("at most 1000 years");
}

}  // namespace pki::model
