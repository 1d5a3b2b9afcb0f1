// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <span>
#include <string>

#include "formats/kubeadm/config_fields.hpp"

using namespace pki::formats;

namespace {

/// The fields of one kind of document, by their paths.
struct Fields {
  std::set<std::string> applied;
  std::set<std::string> ignored;
};

void add(Fields& fields, std::span<const Field> known, const std::string& prefix) {
  for (const auto& field : known) {
    const auto path = prefix + std::string(field.name);
    if (path == "apiVersion" || path == "kind") continue;
    add(fields, field.fields, path + ".");
    if (!field.fields.empty() && path != "etcd.external") continue;
    (field.apply == nullptr ? fields.ignored : fields.applied).insert(path);
  }
}

std::map<std::string, Fields> fields_of_the_reader() {
  std::map<std::string, Fields> kinds;
  for (const auto& kind : document_kinds())
    if (!kind.fields.empty()) add(kinds[std::string(kind.kind)], kind.fields, "");
  return kinds;
}

// A field that is used has an entry of its own; those that are ignored are in a list.
std::map<std::string, Fields> fields_of_the_page(std::istream& page) {
  const std::regex name(R"(\.BR? ([\w.]+)( .*)?)");
  std::map<std::string, Fields> kinds;
  std::string kind, line, before;
  bool in_list = false;
  std::smatch match;
  for (; std::getline(page, line); before = line) {
    if (line.starts_with(".SS ")) kind = line.substr(4);
    if (line.starts_with(".S")) in_list = false;
    if (line.starts_with(".SH ")) kind.clear();
    if (line == "Ignored:") in_list = true;
    if (kind.empty() || !std::regex_match(line, match, name)) continue;
    if (before == ".TP") kinds[kind].applied.insert(match[1]);
    if (in_list) kinds[kind].ignored.insert(match[1]);
  }
  return kinds;
}

}  // namespace

TEST_CASE("pkigen.yaml(5) documents every field that is read and every field that is ignored") {
  std::ifstream page(PKI_SOURCE_DIR "/doc/man/pkigen.yaml.5");
  const auto documented = fields_of_the_page(page);
  const auto known = fields_of_the_reader();
  CHECK(known.size() == 4);
  for (const auto& [kind, fields] : known) {
    INFO(kind);
    REQUIRE(documented.contains(kind));
    CHECK(documented.at(kind).applied == fields.applied);
    CHECK(documented.at(kind).ignored == fields.ignored);
  }
  CHECK(documented.size() == known.size());
}
