// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <support/catch.hpp>
#include <vector>

#include <pki/finding.hpp>

#include <model/unreadable.hpp>

using pki::Finding;
using pki::Rule;
using pki::Severity;
using pki::model::join_unreadable;
using pki::model::Unreadable;

namespace {

Finding closed(const std::string& path, Severity severity = Severity::error) {
  return {Rule::file_unreadable, severity, path, "cannot read: permission denied", "a row", "run the command as root"};
}

Finding expired(const std::string& path) { return {Rule::expired, Severity::error, path, "expired"}; }

using Texts = std::vector<std::string>;

Texts subjects(const std::vector<Finding>& findings) {
  Texts texts;
  for (const auto& finding : findings)
    texts.push_back(finding.subject);
  return texts;
}

}  // namespace

TEST_CASE("the files that this user may not read are one statement, about the directory that they have in common") {
  struct Case {
    Texts files;
    std::string subject;
    std::string message;
  };
  for (const auto& [files, subject, message] : {
           Case{{"/k/pki/ca.key"}, "/k/pki/ca.key", "is not readable by this user, so nothing is known about it"},
           Case{{"/k/pki/ca.key", "/k/pki/ca.key"}, "/k/pki/ca.key", "is not readable by this user"},
           Case{{"/k/pki/ca.key", "/k/pki/sa.key"}, "/k/pki", "2 files below are not readable by this user"},
           Case{{"/k/pki/ca.key", "/k/admin.conf"}, "/k", "2 files below are not readable by this user"},
           Case{{"/k/pki/ca.key", "/k/pki2/x", "/k/pki/etcd/ca.key"}, "/k", "3 files below are not readable"},
           Case{{"/k/ca.key", "/var/kubelet.crt"}, "/", "2 files below are not readable by this user"},
       }) {
    Unreadable unreadable;
    for (const auto& file : files)
      CHECK(unreadable.take(closed(file)));
    CHECK_FALSE(unreadable.take(expired("/elsewhere")));
    const auto statement = unreadable.statement();
    REQUIRE(statement);
    CHECK(statement->rule == Rule::file_unreadable);
    CHECK(statement->subject == subject);
    CHECK_THAT(statement->message, contains(message) && contains(": permission denied"));
    CHECK(statement->remedy.text == "run the command as root");
  }
  CHECK_FALSE(Unreadable().statement());
}

TEST_CASE("in a plan the statement is in the most severe list, and the other findings stay where they are") {
  std::vector<Finding> conflicts{expired("/a")};
  std::vector<Finding> failures{expired("/b"), closed("/k/x"), expired("/c"), closed("/k/y")};
  std::vector<Finding> warnings{closed("/k/z", Severity::warning), expired("/d")};
  join_unreadable({&conflicts, &failures, &warnings});
  CHECK(subjects(conflicts) == Texts{"/a"});
  CHECK(subjects(failures) == Texts{"/b", "/k", "/c"});
  CHECK(failures[1].severity == Severity::error);
  CHECK_THAT(failures[1].message, contains("3 files below"));
  CHECK(subjects(warnings) == Texts{"/d"});

  std::vector<Finding> none;
  std::vector<Finding> only{closed("/k/z", Severity::warning)};
  join_unreadable({&none, &only});
  CHECK(none.empty());
  CHECK(subjects(only) == Texts{"/k/z"});
  CHECK(only[0].severity == Severity::warning);
  join_unreadable({&none, &none});
  CHECK(none.empty());
}
