// SPDX-License-Identifier: Apache-2.0
#include "formats/report/request_json.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/calendar.hpp"
#include "base/digest.hpp"
#include "formats/report/json.hpp"

namespace pki::formats {

namespace {

constexpr auto requests_member = "requests";
constexpr auto certificates_member = "certificates";
constexpr auto request_kind = "RequestBundle";
constexpr auto certificate_kind = "CertificateBundle";
/// Far above a bundle of thousands of requests.
constexpr std::size_t largest_bundle = std::size_t{16} * 1024 * 1024;
constexpr std::size_t most_items = 10'000;
constexpr int deepest = 8;
constexpr std::uint64_t longest_validity = std::uint64_t{1} << 40U;  // beyond every date that RFC 5280 can hold

Json subject_json(const std::string& common_name, const std::vector<std::string>& organizations) {
  return {{"commonName", common_name}, {"organizations", organizations}};
}

Json to_item(const RequestItem& item) {
  auto json = Json::object();
  json["name"] = item.row;
  json["issuer"] = {{"name", item.issuer}, {"publicKeySha256", item.issuer_public_key_sha256}};
  json["subject"] = subject_json(item.request.common_name, item.request.organizations);
  json["sans"] = json_of(item.request.sans);
  json["extendedKeyUsages"] = item.request.extended_key_usages;
  json["keyAlgorithm"] = item.request.key_algorithm;
  json["publicKeySha256"] = item.request.public_key_sha256;
  json["validity"] = item.validity.count();
  json["request"] = item.request.pem;
  return json;
}

std::string pem_of(const Answer& answer) {
  std::string pem;
  for (const auto& certificate : answer.chain)
    pem += certificate.pem;
  return pem;
}

Json to_item(const Answer& answer) {
  auto json = Json::object();
  json["name"] = answer.row;
  if (!answer.chain.empty()) {
    const auto& leaf = answer.chain.front();
    json["subject"] = subject_json(leaf.common_name, leaf.organizations);
    json["sans"] = json_of(leaf.sans);
    json["serial"] = leaf.serial;
    json["notBefore"] = json_of(leaf.not_before);
    json["notAfter"] = json_of(leaf.not_after);
    json["publicKeySha256"] = leaf.public_key_sha256;
  }
  json["certificate"] = pem_of(answer);
  return json;
}

template <class Item>
Json items_json(const std::vector<Item>& items) {
  auto list = Json::array();
  for (const auto& item : items)
    list.push_back(to_item(item));
  return list;
}

std::string digest_of_json(const Json& list) { return "sha256:" + base::sha256_hex(dump(list, -1)); }

[[noreturn]] void refuse(const std::string& subject, std::string message) {
  throw Error(Errc::malformed, subject, message);
}

Json parse_document(std::string_view text, const std::string& subject) {
  if (text.size() > largest_bundle)
    refuse(subject, fmt::format("{} bytes, expected at most {}", text.size(), largest_bundle));
  bool deep = false;
  const auto look = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > deepest;
    return depth <= deepest;
  };
  const auto json = Json::parse(text, look, false);
  if (deep) refuse(subject, fmt::format("nested more than {} levels deep", deepest));
  if (!json.is_object()) refuse(subject, "is not a JSON object");
  return json;
}

std::string text_of(const Json& object, const char* member, const std::string& where, const std::string& subject) {
  const auto found = object.find(member);
  if (found == object.end()) refuse(subject, fmt::format("{}{} is missing", where, member));
  if (!found->is_string()) refuse(subject, fmt::format("{}{} is not a string", where, member));
  return found->get<std::string>();
}

std::chrono::seconds validity_of(const Json& object, const std::string& where, const std::string& subject) {
  const auto found = object.find("validity");
  if (found == object.end()) return {};
  if (!found->is_number_unsigned()) refuse(subject, where + "validity is not a number of seconds");
  return std::chrono::seconds(std::min<std::uint64_t>(found->get<std::uint64_t>(), longest_validity));
}

ItemText parse_item(const Json& object, const char* pem_member, const std::string& where, const std::string& subject) {
  if (!object.is_object()) refuse(subject, where.substr(0, where.size() - 1) + " is not an object");
  ItemText item;
  item.row = text_of(object, "name", where, subject);
  item.pem = text_of(object, pem_member, where, subject);
  item.validity = validity_of(object, where, subject);
  if (const auto issuer = object.find("issuer"); issuer != object.end()) {
    if (!issuer->is_object()) refuse(subject, where + "issuer is not an object");
    item.issuer = text_of(*issuer, "name", where + "issuer.", subject);
    item.issuer_public_key_sha256 = text_of(*issuer, "publicKeySha256", where + "issuer.", subject);
  }
  return item;
}

void check_kind(const Json& json, std::string_view kind, const std::string& subject) {
  if (const auto version = text_of(json, "apiVersion", "", subject); version != api_version)
    refuse(subject, fmt::format("apiVersion is another one, expected {}", api_version));
  if (text_of(json, "kind", "", subject) != kind)
    refuse(subject, fmt::format("kind is another one, expected {}", kind));
}

}  // namespace

BundleText parse_bundle(std::string_view text, std::string_view kind, const std::string& subject) {
  const auto json = parse_document(text, subject);
  check_kind(json, kind, subject);
  const bool requests = kind == request_kind;
  const auto* member = requests ? requests_member : certificates_member;
  const auto list = json.find(member);
  if (list == json.end() || !list->is_array()) refuse(subject, fmt::format("{} is not a list", member));
  if (list->size() > most_items)
    refuse(subject, fmt::format("{} {}, expected at most {}", list->size(), member, most_items));
  BundleText bundle{{}, digest_of_json(*list)};
  if (text_of(json, "digest", "", subject) != bundle.digest)
    throw Error(Errc::mismatch, subject, "its digest is not that of its content: it was changed",
                "get it again from where it was made");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto where = fmt::format("{}[{}].", member, i);
    auto item = parse_item((*list)[i], requests ? "request" : "certificate", where, subject);
    if (!item.row.empty() && !seen.insert(item.row).second)
      refuse(subject, fmt::format("{}name is that of an earlier one", where));
    bundle.items.push_back(std::move(item));
  }
  return bundle;
}

std::string digest_of(const std::vector<RequestItem>& items) { return digest_of_json(items_json(items)); }
std::string digest_of(const std::vector<Answer>& answers) { return digest_of_json(items_json(answers)); }

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

using formats::Json;
using formats::json_of;

std::string to_json(const RequestBundle& bundle) {
  auto json = formats::json_object(formats::request_kind);
  json[formats::requests_member] = formats::items_json(bundle.items);
  json["digest"] = formats::digest_of(bundle.items);
  return formats::to_text(json);
}

std::string to_json(const AnswerBundle& bundle) {
  auto json = formats::json_object(formats::certificate_kind);
  json[formats::certificates_member] = formats::items_json(bundle.answers);
  json["digest"] = formats::digest_of(bundle.answers);
  return formats::to_text(json);
}

std::string to_json(const SigningPlan& plan) {
  auto json = formats::json_object("SigningPlan");
  json["certificates"] = Json::array();
  for (const auto& step : plan.steps) {
    auto item = Json::object();
    item["name"] = step.item.row;
    item["source"] = step.item.source;
    item["issuer"] = std::string(step.issuer->name);
    item["profile"] = std::string(to_string(step.spec.profile));
    item["subject"] = formats::subject_json(step.spec.common_name, step.spec.organizations);
    item["sans"] = json_of(step.spec.sans);
    item["notBefore"] = json_of(step.spec.not_before);
    item["notAfter"] = json_of(step.spec.not_after);
    item["keyAlgorithm"] = step.item.request.key_algorithm;
    item["publicKeySha256"] = step.item.request.public_key_sha256;
    json["certificates"].push_back(std::move(item));
  }
  json["conflicts"] = json_of(plan.conflicts);
  json["warnings"] = json_of(plan.warnings);
  return formats::to_text(json);
}

std::string to_json(const Imported& imported) {
  auto json = formats::json_object("Import");
  json["imported"] = Json::array();
  for (const auto& issued : imported.issued) {
    auto item = Json::object();
    item["name"] = std::string(issued.row->name);
    item["serial"] = issued.certificate.serial;
    item["notBefore"] = json_of(issued.certificate.not_before);
    item["notAfter"] = json_of(issued.certificate.not_after);
    json["imported"].push_back(std::move(item));
  }
  json["dryRun"] = imported.dry_run;
  json["changed"] = imported.dry_run ? !imported.issued.empty() : imported.written.changed > 0;
  json["backup"] = imported.written.backup.empty() ? Json(nullptr) : Json(imported.written.backup);
  json["notes"] = json_of(imported.written.notes);
  json["failures"] = json_of(imported.failures);
  return formats::to_text(json);
}

std::string to_json(std::span<const UserKubeconfig> users) {
  auto json = formats::json_object("UserList");
  json["users"] = Json::array();
  for (const auto& one : users) {
    auto item = Json::object();
    item["name"] = one.certificate.common_name;
    item["groups"] = one.certificate.organizations;
    item["serial"] = one.certificate.serial;
    item["notBefore"] = json_of(one.certificate.not_before);
    item["notAfter"] = json_of(one.certificate.not_after);
    item["path"] = one.path.string();
    json["users"].push_back(std::move(item));
  }
  return formats::to_text(json);
}

std::string cancelled_to_json(std::size_t number) {
  auto json = formats::json_object("Cancellation");
  json["cancelled"] = number;
  return formats::to_text(json);
}

std::string to_json(std::span<const WaitingRequest> waiting) {
  auto json = formats::json_object("RequestList");
  json[formats::requests_member] = Json::array();
  for (const auto& one : waiting) {
    auto item = Json::object();
    item["name"] = one.row;
    item["requested"] = json_of(one.requested);
    item["subject"] = formats::subject_json(one.request.common_name, one.request.organizations);
    item["sans"] = json_of(one.request.sans);
    item["keyAlgorithm"] = one.request.key_algorithm;
    item["publicKeySha256"] = one.request.public_key_sha256;
    item["keepsKey"] = !one.key.has_value();
    item["validity"] = one.validity.count();
    item["inCatalog"] = one.in_catalog;
    json[formats::requests_member].push_back(std::move(item));
  }
  return formats::to_text(json);
}

}  // namespace pki::inline PKI_ABI
