// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/plan.hpp>

// What tests of plans ask again and again.
namespace build {

inline const pki::Step& step(const pki::Plan& plan, std::string_view name) {
  return *std::ranges::find(plan.steps, name, [](const pki::Step& s) { return s.row->name; });
}

/// The new certificate of a row that a plan renews.
inline const pki::Renew& renewal(const pki::Plan& plan, std::string_view name) {
  return std::get<pki::Renew>(step(plan, name).what);
}

/// names lists, in order, the rows to which a plan does something.
inline std::string names(const pki::Plan& plan, pki::Action action) {
  std::string text;
  for (const auto& step : plan.steps)
    if (step.action() == action) text.append(text.empty() ? "" : " ").append(step.row->name);
  return text;
}

inline std::string listed(const std::vector<pki::Finding>& problems) {
  std::string text;
  for (const auto& problem : problems)
    text += problem.subject + ": " + problem.message + "\n";
  return text;
}

inline std::multiset<std::string> subjects(const std::vector<pki::Finding>& problems) {
  std::multiset<std::string> paths;
  for (const auto& problem : problems)
    paths.insert(problem.subject);
  return paths;
}

using Paths = std::multiset<std::string>;

/// one gives the only problem in a list, and fails the test where there is another number of them.
inline pki::Finding one(const std::vector<pki::Finding>& problems) {
  INFO(listed(problems));
  REQUIRE(problems.size() == 1);
  return problems.front();
}

constexpr auto every_row =
    "ca apiserver apiserver-kubelet-client front-proxy-ca front-proxy-client etcd-ca etcd-server etcd-peer "
    "etcd-healthcheck-client "
    "apiserver-etcd-client sa admin.conf super-admin.conf kubelet.conf controller-manager.conf scheduler.conf";
constexpr auto etcd_rows = "etcd-ca etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client";

}  // namespace build
