// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <support/catch.hpp>
#include <vector>

#include <pki/finding.hpp>

#include <model/repeated.hpp>

using pki::Finding;
using pki::Rule;
using pki::Severity;

TEST_CASE("of findings that differ in nothing but their rows the first one is kept") {
  const auto made = [](const std::string& subject, const std::string& message, const std::string& row) {
    return Finding{Rule::io, Severity::error, subject, message, row, "put a directory in its place"};
  };
  auto warning = made("/k/etcd", "is a link", "e");
  warning.severity = Severity::warning;
  std::vector<Finding> findings{made("/k/etcd", "is a link", "a"), made("/k/pki", "is a link", "a"),
                                made("/k/etcd", "is a link", "b"), made("/k/etcd", "is a file", "c"),
                                made("/k/etcd", "is a link", "a"), warning};
  pki::model::drop_repeated(findings);
  CHECK(findings == std::vector<Finding>{made("/k/etcd", "is a link", "a"), made("/k/pki", "is a link", "a"),
                                         made("/k/etcd", "is a file", "c"), warning});
  std::vector<Finding> none;
  pki::model::drop_repeated(none);
  CHECK(none.empty());
}
