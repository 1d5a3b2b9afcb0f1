// SPDX-License-Identifier: Apache-2.0
#include "model/component.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/words.hpp"
#include "model/identity.hpp"

namespace pki::model {

namespace {

constexpr std::array namings{Naming::recommended, Naming::kubeadm};

// A placeholder matches any text but an empty one.
bool matches(std::string_view pattern, std::string_view text) {
  const auto begin = pattern.find('{');
  if (begin == std::string_view::npos) return pattern == text;
  const auto before = pattern.substr(0, begin);
  const auto after = pattern.substr(pattern.find('}') + 1);
  return text.size() > before.size() + after.size() && text.starts_with(before) && text.ends_with(after);
}

bool is_only_placeholder(std::string_view pattern) { return pattern.starts_with('{') && pattern.ends_with('}'); }

bool has_name(const CatalogRow& row, std::string_view name) {
  return std::ranges::any_of(namings, [&](Naming naming) { return matches(row.common_name.under(naming), name); });
}

bool has_name_of_its_own(const CatalogRow& row, std::string_view name) {
  return std::ranges::any_of(namings, [&](Naming naming) {
    const auto pattern = row.common_name.under(naming);
    return !is_only_placeholder(pattern) && matches(pattern, name);
  });
}

bool has_group(const CatalogRow& row, std::string_view group) {
  return row.organization.recommended == group || row.organization.kubeadm == group ||
         std::ranges::find(row.further_organizations, group) != row.further_organizations.end();
}

bool accepts_group(const CatalogRow& row, std::string_view group) {
  return has_group(row, group) || (!group.empty() && row.former_organization == group);
}

// Kubernetes itself grants the rights of such a name.
bool is_prescribed(const CatalogRow& row) { return row.common_name.recommended.starts_with("system:"); }

// Organizations are groups only for the API server, and etcd's clients had others before.
bool has_groups(const CatalogRow& row) { return row.form == Form::kubeconfig || !row.organization.recommended.empty(); }

std::string expected_name(const CatalogRow& row) {
  const auto text = row.common_name.recommended;
  const auto begin = text.find('{');
  return begin == std::string_view::npos ? std::string(text) : std::string(text.substr(0, begin)) + "NODE";
}

/// Subject compares the subject of one certificate with the rows of a catalog.
class Subject {
 public:
  Subject(const Certificate& certificate, const CatalogRow& row, const Catalog& catalog)
      : certificate_(certificate), row_(row), catalog_(catalog) {}

  [[nodiscard]] std::string contradiction() const {
    auto text = of_name();
    if (!has_groups(row_)) return text;
    for (const auto& more : {of_foreign_groups(), of_missing_group()})
      if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
    return text;
  }

 private:
  template <class Condition>
  [[nodiscard]] const CatalogRow* other_row(Condition condition) const {
    const auto rows = catalog_.rows();
    const auto found = std::ranges::find_if(rows, [&](const CatalogRow& other) {
      return other.name != row_.name && other.profile == Profile::client && condition(other);
    });
    return found == rows.end() ? nullptr : &*found;
  }

  [[nodiscard]] std::string of_name() const {
    const auto& name = certificate_.common_name;
    if (has_name(row_, name)) return {};
    const auto* other = other_row([&](const CatalogRow& row) { return has_name_of_its_own(row, name); });
    if (other == nullptr && !is_prescribed(row_)) return {};
    return fmt::format("common name is {}{}, expected {}", base::shown_name(name),
                       other == nullptr ? "" : fmt::format(", that of {}", other->name), expected_name(row_));
  }

  [[nodiscard]] std::string of_foreign_groups() const {
    for (const auto& group : certificate_.organizations) {
      if (accepts_group(row_, group)) continue;
      if (const auto* other = other_row([&](const CatalogRow& row) { return has_group(row, group); }))
        return fmt::format("organization is {}, that of {}", group, other->name);
    }
    return {};
  }

  [[nodiscard]] std::string of_missing_group() const {
    const auto& groups = certificate_.organizations;
    const bool wanted = is_prescribed(row_) && !row_.organization.recommended.empty();
    const auto is_accepted = [&](const std::string& group) { return accepts_group(row_, group); };
    if (!wanted || std::ranges::any_of(groups, is_accepted)) return {};
    return fmt::format("lacks the organization {}", row_.organization.recommended);
  }

  const Certificate& certificate_;
  const CatalogRow& row_;
  const Catalog& catalog_;
};

}  // namespace

std::string foreign_identity(const Certificate& certificate, const CatalogRow& row, const Catalog& catalog) {
  return row.profile == Profile::client ? Subject(certificate, row, catalog).contradiction() : std::string();
}

bool has_usual_name(const Certificate& certificate, const CatalogRow& row, const ValidConfig& config) {
  return std::ranges::any_of(namings, [&](Naming naming) {
    return expand(row.common_name.under(naming), row, config).front() == certificate.common_name;
  });
}

bool has_usual_groups(const Certificate& certificate, const CatalogRow& row) {
  const auto& groups = certificate.organizations;
  if (!has_groups(row)) return true;
  if (groups.empty()) return row.form != Form::kubeconfig || row.organization.recommended.empty();
  return std::ranges::all_of(groups, [&](const std::string& group) { return accepts_group(row, group); });
}

bool is_kubelet_credential(const std::filesystem::path& path) {
  return path.filename() == "kubelet-client-current.pem";
}

bool is_renewed_by_kubelet(const Entry& entry) {
  return entry.kubeconfig && is_kubelet_credential(entry.kubeconfig->client_certificate_file);
}

}  // namespace pki::model
