// SPDX-License-Identifier: Apache-2.0
#include "model/answer_check.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/lists.hpp"
#include "base/usages.hpp"
#include "base/words.hpp"
#include "model/entry_check.hpp"

namespace pki::model {

namespace {

using Differences = std::vector<Difference>;

template <class Found>
void compare_subject(const CertSpec& asked, const Found& found, Differences& list) {
  if (!asked.subject_der.empty() && found.subject_der == asked.subject_der) return;
  if (found.common_name != asked.common_name)
    list.push_back({Rule::common_name_differs,
                    fmt::format("has the common name {}, expected {}", base::shown_value(found.common_name),
                                base::shown_value(asked.common_name))});
  if (base::sorted(found.organizations) != base::sorted(asked.organizations))
    list.push_back(
        {Rule::organization_differs, fmt::format("has the organizations {}, expected {}",
                                                 base::join(found.organizations), base::join(asked.organizations))});
}

template <class Found>
void compare_names(const CertSpec& asked, const Found& found, Differences& list) {
  if (const auto missing = base::without(asked.sans, found.sans); !missing.empty())
    list.push_back({Rule::names_missing, fmt::format("lacks the names {}", join(missing))});
  if (const auto extra = base::without(found.sans, asked.sans); !extra.empty())
    list.push_back({Rule::names_unexplained, fmt::format("has the names {}, which were not asked for", join(extra))});
}

template <class Found>
bool has_wider_usages(const std::vector<std::string>& usages, const Found& found, Differences& list) {
  const auto wider = base::without(found.extended_key_usages, usages);
  if (!wider.empty())
    list.push_back({Rule::usages_wider, fmt::format("has the usages {}, which were not asked for", base::join(wider))});
  return !wider.empty();
}

void compare_usages(const CertSpec& asked, const Certificate& found, Differences& list) {
  const auto usages = base::usages_of(asked);
  if (!has_wider_usages(usages, found, list) && found.extended_key_usages.empty() && !usages.empty())
    list.push_back({Rule::usages_wider,
                    fmt::format("has no extended key usages, and is good for any: expected {}", base::join(usages))});
  for (auto& lacking : lacking_usages(found, usages))
    list.push_back({Rule::extended_key_usage_missing, std::move(lacking)});
}

// A longer one would let more CAs be below it than its host wants.
void compare_path_length(const CertSpec& asked, const Certificate& found, Differences& list) {
  if (!asked.path_length || found.path_length == asked.path_length) return;
  list.push_back(
      {Rule::path_length_differs,
       fmt::format("has {}, expected the path length {}",
                   found.path_length ? fmt::format("the path length {}", *found.path_length) : "no path length",
                   *asked.path_length)});
}

}  // namespace

std::vector<Difference> differences_from(const CertSpec& asked, const Certificate& found) {
  Differences list;
  compare_subject(asked, found, list);
  compare_names(asked, found, list);
  compare_usages(asked, found, list);
  compare_path_length(asked, found, list);
  return list;
}

std::vector<Difference> differences_from(const CertSpec& wanted, const CertificateRequest& found) {
  Differences list;
  compare_subject(wanted, found, list);
  compare_names(wanted, found, list);
  (void)has_wider_usages(base::usages_of(wanted), found, list);
  if (found.is_ca && wanted.profile != Profile::ca)
    list.push_back({Rule::leaf_is_ca, "asks for the certificate of a CA"});
  return list;
}

}  // namespace pki::model
