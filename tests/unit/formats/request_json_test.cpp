// SPDX-License-Identifier: Apache-2.0
#include "formats/report/request_json.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/key_maker.hpp"

using namespace pki;
using namespace std::chrono_literals;
using formats::digest_of;
using formats::parse_bundle;
using Json = nlohmann::ordered_json;
using Kind = GeneralName::Kind;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds begin{std::chrono::seconds{1795222095}};  // 2026-11-21T00:48:15Z
constexpr auto request_kind = "RequestBundle";
constexpr auto certificate_kind = "CertificateBundle";

// Every value of a document has this text, which no message may have.
constexpr auto canary = "canary";

RequestItem item(const std::string& row) {
  RequestItem made;
  made.row = row;
  made.source = "not in the document";
  made.issuer = "ca";
  made.issuer_public_key_sha256 = "canary-key-of-the-ca";
  made.validity = 8760h;
  made.request = {.pem = "canary-request\n",
                  .common_name = "canary-name",
                  .organizations = {"canary-group", "b"},
                  .sans = {{Kind::dns, "canary.example"}, {Kind::ip, "192.0.2.1"}},
                  .extended_key_usages = {"serverAuth"},
                  .key_algorithm = "ECDSA-P256",
                  .public_key_sha256 = "canary-key"};
  return made;
}

RequestBundle requests() { return {{item("apiserver"), item("admin.conf")}, {}}; }

Answer answer(const std::string& row) {
  Certificate leaf{.pem = "canary-leaf\n",
                   .common_name = "canary-name",
                   .organizations = {"canary-group"},
                   .serial = "5e01",
                   .not_before = begin,
                   .not_after = begin + 1h,
                   .sans = {{Kind::dns, "canary.example"}},
                   .public_key_sha256 = "canary-key"};
  return {row, "not in the document", {std::move(leaf), Certificate{.pem = "canary-intermediate\n"}}};
}

AnswerBundle answers() { return {{answer("apiserver"), answer("")}, {}}; }

std::string list_of(std::string_view kind) { return kind == request_kind ? "requests" : "certificates"; }

/// Returns a document with the digest that its content has now.
std::string sealed(Json json, std::string_view kind = request_kind) {
  json["digest"] = "sha256:" + base::sha256_hex(json[list_of(kind)].dump());
  return json.dump();
}

Json document(std::string_view kind = request_kind) {
  return Json::parse(kind == request_kind ? to_json(requests()) : to_json(answers()));
}

/// Returns the refusal of a document, none where it is accepted.
std::optional<Error> refusal(const std::string& text, std::string_view kind = request_kind) {
  try {
    (void)parse_bundle(text, kind, "bundle.json");
  } catch (const Error& error) {
    CHECK(error.subject() == "bundle.json");
    CHECK_THAT(error.what(), !contains(canary));
    CHECK_THAT(error.finding().remedy.text, !contains(canary));
    return error;
  }
  return std::nullopt;
}

std::string message(const std::string& text, std::string_view kind = request_kind) {
  const auto error = refusal(text, kind);
  if (!error) return "(accepted)";
  CHECK(error->code() == Errc::malformed);
  return error->message();
}

bool is_changed(const Json& json, std::string_view kind = request_kind) {
  const auto error = refusal(json.dump(), kind);
  return error && error->code() == Errc::mismatch;
}

}  // namespace

TEST_CASE("a bundle of requests is one JSON object in a stable order, with a digest of its list") {
  RequestBundle bundle{{item("apiserver")}, "ignored"};
  const auto text = to_json(bundle);
  const auto digest = "sha256:" + base::sha256_hex(Json::parse(text)["requests"].dump());
  CHECK(text == R"({
  "kind": "RequestBundle",
  "apiVersion": "pkigen/v1",
  "requests": [
    {
      "name": "apiserver",
      "issuer": {
        "name": "ca",
        "publicKeySha256": "canary-key-of-the-ca"
      },
      "subject": {
        "commonName": "canary-name",
        "organizations": [
          "canary-group",
          "b"
        ]
      },
      "sans": [
        {
          "type": "DNS",
          "value": "canary.example"
        },
        {
          "type": "IP",
          "value": "192.0.2.1"
        }
      ],
      "extendedKeyUsages": [
        "serverAuth"
      ],
      "keyAlgorithm": "ECDSA-P256",
      "publicKeySha256": "canary-key",
      "validity": 31536000,
      "request": "canary-request\n"
    }
  ],
  "digest": ")" + digest +
                    R"("
}
)");
  CHECK(digest_of(bundle.items) == digest);
}

TEST_CASE("a bundle of certificates has each chain as one text") {
  const auto json = Json::parse(to_json(answers()));
  CHECK(json["kind"] == certificate_kind);
  REQUIRE(json["certificates"].size() == 2);
  const auto& first = json["certificates"][0];
  CHECK(first["name"] == "apiserver");
  CHECK(first["subject"]["commonName"] == "canary-name");
  CHECK(first["subject"]["organizations"] == Json({"canary-group"}));
  CHECK(first["sans"][0]["value"] == "canary.example");
  CHECK(first["serial"] == "5e01");
  CHECK(first["notBefore"] == "2026-11-21T00:48:15Z");
  CHECK(first["notAfter"] == "2026-11-21T01:48:15Z");
  CHECK(first["publicKeySha256"] == "canary-key");
  CHECK(first["certificate"] == "canary-leaf\ncanary-intermediate\n");
  CHECK(json["certificates"][1]["name"] == "");
  CHECK(json["digest"] == digest_of(answers().answers));
  CHECK(Json::parse(to_json(AnswerBundle{{Answer{"a", "", {}}}, {}}))["certificates"][0] ==
        Json({{"name", "a"}, {"certificate", ""}}));
}

TEST_CASE("bundles are read back, whatever the blanks between their values") {
  for (const auto& text : {to_json(requests()), document().dump(), document().dump(8), document().dump() + " \n"}) {
    const auto found = parse_bundle(text, request_kind, "bundle.json");
    CHECK(found.digest == digest_of(requests().items));
    REQUIRE(found.items.size() == 2);
    CHECK(found.items[0].row == "apiserver");
    CHECK(found.items[1].row == "admin.conf");
    CHECK(found.items[0].issuer == "ca");
    CHECK(found.items[0].issuer_public_key_sha256 == "canary-key-of-the-ca");
    CHECK(found.items[0].validity == 8760h);
    CHECK(found.items[0].pem == "canary-request\n");
  }
  const auto found = parse_bundle(to_json(answers()), certificate_kind, "bundle.json");
  CHECK(found.digest == digest_of(answers().answers));
  REQUIRE(found.items.size() == 2);
  CHECK(found.items[0].row == "apiserver");
  CHECK(found.items[0].pem == "canary-leaf\ncanary-intermediate\n");
  CHECK(found.items[0].validity == 0s);
  CHECK(parse_bundle(to_json(RequestBundle{}), request_kind, "bundle.json").items.empty());
}

TEST_CASE("a request that says no validity and no issuer is read back, too") {
  const auto found = parse_bundle(to_json(RequestBundle{{RequestItem{}, RequestItem{}}, {}}), request_kind, "in");
  REQUIRE(found.items.size() == 2);
  CHECK(found.items[0].row.empty());
  CHECK(found.items[0].validity == 0s);
  CHECK(found.items[0].issuer.empty());
}

TEST_CASE("a bundle with any member changed does not have its digest") {
  for (const std::string_view kind : {request_kind, certificate_kind}) {
    const auto list = list_of(kind);
    CHECK_FALSE(refusal(document(kind).dump(), kind));
    const auto flat = document(kind)[list].flatten();
    CHECK(flat.size() > 15);
    for (const auto& [path, value] : flat.items()) {
      CAPTURE(path);
      auto changed = document(kind);
      auto& member = changed[list][Json::json_pointer(path)];
      if (member.is_number())
        member = member.get<int>() + 1;
      else
        member = member.get<std::string>() + "x";
      CHECK(is_changed(changed, kind));
      member = nullptr;
      CHECK(is_changed(changed, kind));
    }
  }
}

TEST_CASE("a bundle with an item more, less or elsewhere does not have its digest") {
  auto changed = document();
  changed["requests"].erase(0);
  CHECK(is_changed(changed));
  changed = document();
  changed["requests"].push_back(changed["requests"][0]);
  CHECK(is_changed(changed));
  changed = document();
  std::swap(changed["requests"][0], changed["requests"][1]);
  CHECK(is_changed(changed));
  changed = document();
  changed["requests"][0]["further"] = 1;
  CHECK(is_changed(changed));
  changed = document();
  changed["requests"][0].erase("sans");
  CHECK(is_changed(changed));
  changed = document();
  changed["digest"] = changed["digest"].get<std::string>() + "0";
  CHECK(is_changed(changed));
  changed["digest"] = "";
  CHECK(is_changed(changed));
}

TEST_CASE("the refusal of a changed bundle says what to do") {
  auto changed = document();
  changed["requests"][0]["name"] = "canary";
  const auto error = refusal(changed.dump());
  REQUIRE(error);
  CHECK_THAT(error->message(), contains("digest") && contains("changed"));
  CHECK_THAT(error->remedy().text, contains("again"));
}

TEST_CASE("a bundle that was cut off is refused at each length") {
  const auto text = to_json(requests());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    CAPTURE(size);
    CHECK(message(text.substr(0, size)) == "is not a JSON object");
  }
  CHECK_FALSE(refusal(text.substr(0, text.size() - 1)));
}

TEST_CASE("what is no JSON object is refused") {
  for (const std::string text : {"", " ", "null", "1", "[]", "\"canary\"", "canary", "{canary}",
                                 "-----BEGIN CANARY-----", "{\"kind\":\"\xff\"}", "{} {}", "{\"a\":1e999}"}) {
    CAPTURE(text);
    CHECK(message(text) == "is not a JSON object");
  }
  CHECK(message(document().dump() + "x") == "is not a JSON object");
}

TEST_CASE("a text that is too large, too deep or too long is refused before its content is looked at") {
  CHECK_THAT(message(std::string(16 * 1024 * 1024 + 1, ' ')), contains("16777217 bytes, expected at most 16777216"));
  for (const std::size_t depth : {std::size_t{20}, std::size_t{1'000'000}}) {
    CAPTURE(depth);
    CHECK_THAT(message("{\"a\":" + std::string(depth, '[')), contains("nested more than 8 levels deep"));
    CHECK_THAT(message("{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"),
               contains("nested more than 8 levels deep"));
    std::string objects;
    for (std::size_t i = 0; i < depth; ++i)
      objects += "{\"a\":";
    CHECK_THAT(message(objects), contains("nested more than 8 levels deep"));
  }
  auto many = document();
  many["requests"] = Json::array();
  for (int i = 0; i < 10'001; ++i)
    many["requests"].push_back(Json::object());
  CHECK_THAT(message(sealed(many)), contains("10001 requests, expected at most 10000"));
}

TEST_CASE("a document of another kind or version is refused") {
  struct Row {
    const char* member;
    Json value;
    const char* says;
  };
  const Row rows[] = {
      {"kind", "canary", "kind is another one, expected RequestBundle"},
      {"kind", certificate_kind, "kind is another one, expected RequestBundle"},
      {"kind", "requestbundle", "kind is another one, expected RequestBundle"},
      {"kind", 1, "kind is not a string"},
      {"apiVersion", "canary/v1", "apiVersion is another one, expected pkigen/v1"},
      {"apiVersion", "pkigen/v2", "apiVersion is another one, expected pkigen/v1"},
      {"apiVersion", nullptr, "apiVersion is not a string"},
      {"digest", 7, "digest is not a string"},
      {"requests", Json::object(), "requests is not a list"},
      {"requests", "canary", "requests is not a list"},
  };
  for (const auto& [member, value, says] : rows) {
    CAPTURE(member, value.dump());
    auto changed = document();
    changed[member] = value;
    CHECK(message(changed.dump()) == says);
  }
  for (const auto* const member : {"kind", "apiVersion", "digest"}) {
    auto changed = document();
    changed.erase(member);
    CHECK(message(changed.dump()) == std::string(member) + " is missing");
  }
  auto changed = document();
  changed.erase("requests");
  CHECK(message(changed.dump()) == "requests is not a list");
  CHECK(message(document().dump(), certificate_kind) == "kind is another one, expected CertificateBundle");
}

TEST_CASE("an item with a missing or odd member is refused by its place, also with the right digest") {
  struct Row {
    const char* path;           ///< in the second item
    std::optional<Json> value;  ///< empty: the member is removed
    const char* says;
  };
  const Row rows[] = {
      {"/name", std::nullopt, "requests[1].name is missing"},
      {"/name", Json(1), "requests[1].name is not a string"},
      {"/name", Json("apiserver"), "requests[1].name is that of an earlier one"},
      {"/request", std::nullopt, "requests[1].request is missing"},
      {"/request", Json({"canary"}), "requests[1].request is not a string"},
      {"/validity", Json("canary"), "requests[1].validity is not a number of seconds"},
      {"/validity", Json(-1), "requests[1].validity is not a number of seconds"},
      {"/validity", Json(1.5), "requests[1].validity is not a number of seconds"},
      {"/validity", Json(nullptr), "requests[1].validity is not a number of seconds"},
      {"/issuer", Json("canary"), "requests[1].issuer is not an object"},
      {"/issuer", Json(nullptr), "requests[1].issuer is not an object"},
      {"/issuer/name", std::nullopt, "requests[1].issuer.name is missing"},
      {"/issuer/publicKeySha256", std::nullopt, "requests[1].issuer.publicKeySha256 is missing"},
      {"/issuer/publicKeySha256", Json(false), "requests[1].issuer.publicKeySha256 is not a string"},
  };
  CHECK_FALSE(refusal(sealed(document())));
  for (const auto& [path, value, says] : rows) {
    CAPTURE(path, value ? value->dump() : "removed");
    auto changed = document();
    const Json::json_pointer place(path);
    auto& second = changed["requests"][1];
    if (value)
      second[place] = *value;
    else
      second[place.parent_pointer()].erase(place.back());
    CHECK(message(sealed(changed)) == says);
  }
  for (const auto& odd : {Json(nullptr), Json("canary"), Json::array()}) {
    auto changed = document();
    changed["requests"][1] = odd;
    CHECK(message(sealed(changed)) == "requests[1] is not an object");
  }
}

TEST_CASE("members that are not needed may be missing, and unknown ones are ignored") {
  auto changed = document();
  for (const auto* const member : {"issuer", "subject", "sans", "extendedKeyUsages", "keyAlgorithm", "validity"})
    changed["requests"][1].erase(member);
  changed["requests"][1]["further"] = {1, 2};
  changed["further"] = 3;
  const auto found = parse_bundle(sealed(changed), request_kind, "bundle.json");
  CHECK(found.items.at(1).validity == 0s);
  CHECK(found.items.at(1).issuer.empty());
}

TEST_CASE("a validity beyond all dates is read as a long one, which fits into every sum of dates") {
  auto changed = document();
  changed["requests"][0]["validity"] = 18446744073709551615ULL;
  const auto found = parse_bundle(sealed(changed), request_kind, "bundle.json");
  CHECK(found.items.at(0).validity > 1000000h);
  CHECK(begin + found.items.at(0).validity > begin);
}

TEST_CASE("two certificates for one row are refused, and any number without a row are not") {
  auto twice = document(certificate_kind);
  twice["certificates"][1]["name"] = "apiserver";
  CHECK(message(sealed(twice, certificate_kind), certificate_kind) == "certificates[1].name is that of an earlier one");
  auto unnamed = document(certificate_kind);
  unnamed["certificates"][0]["name"] = "";
  CHECK_FALSE(refusal(sealed(unnamed, certificate_kind), certificate_kind));
  unnamed["certificates"][1].erase("certificate");
  CHECK(message(sealed(unnamed, certificate_kind), certificate_kind) == "certificates[1].certificate is missing");
}

TEST_CASE("a signing plan is one JSON object with everything that will be signed") {
  SigningPlan plan;
  plan.steps.push_back({item("apiserver"),
                        &plan.catalog.find_row("ca"),
                        {.profile = Profile::server,
                         .common_name = "kube-apiserver",
                         .organizations = {"a"},
                         .sans = {{Kind::dns, "cp-1"}},
                         .not_before = begin,
                         .not_after = begin + 1h}});
  plan.conflicts.push_back({Rule::key_weak, Severity::error, "in.csr", "bad", {}, "do"});
  CHECK(to_json(plan) == R"({
  "kind": "SigningPlan",
  "apiVersion": "pkigen/v1",
  "certificates": [
    {
      "name": "apiserver",
      "source": "not in the document",
      "issuer": "ca",
      "profile": "server",
      "subject": {
        "commonName": "kube-apiserver",
        "organizations": [
          "a"
        ]
      },
      "sans": [
        {
          "type": "DNS",
          "value": "cp-1"
        }
      ],
      "notBefore": "2026-11-21T00:48:15Z",
      "notAfter": "2026-11-21T01:48:15Z",
      "keyAlgorithm": "ECDSA-P256",
      "publicKeySha256": "canary-key"
    }
  ],
  "conflicts": [
    {
      "code": "key-weak",
      "severity": "error",
      "subject": "in.csr",
      "message": "bad",
      "hint": "do"
    }
  ],
  "warnings": []
}
)");
}

TEST_CASE("an import reports what is in place now, and a dry run what would be") {
  Imported imported;
  imported.issued.push_back({&default_catalog().find_row("apiserver"),
                             Certificate{.serial = "0a", .not_before = begin, .not_after = begin + 1h}});
  imported.written.changed = 2;
  imported.written.backup = "1-import";
  imported.written.notes = {{Rule::io, Severity::warning, "b", "stays"}};
  auto json = Json::parse(to_json(imported));
  CHECK(json["kind"] == "Import");
  CHECK(json["imported"] == Json::parse(R"([{"name": "apiserver", "serial": "0a",
      "notBefore": "2026-11-21T00:48:15Z", "notAfter": "2026-11-21T01:48:15Z"}])"));
  CHECK(json["dryRun"] == false);
  CHECK(json["changed"] == true);
  CHECK(json["backup"] == "1-import");
  CHECK(json["notes"][0]["subject"] == "b");
  CHECK(json["failures"].empty());
  imported.failures = {{Rule::hook_failed, Severity::error, "--deploy-hook", "ended with status 3"}};
  CHECK(Json::parse(to_json(imported))["failures"][0]["code"] == "hook-failed");
  imported.written = {};
  json = Json::parse(to_json(imported));
  CHECK(json["changed"] == false);
  CHECK(json["backup"].is_null());
  imported.dry_run = true;
  CHECK(Json::parse(to_json(imported))["changed"] == true);
  imported.issued.clear();
  CHECK(Json::parse(to_json(imported))["changed"] == false);
}

TEST_CASE("a cancellation reports how many requests there were") {
  CHECK(cancelled_to_json(2) ==
        "{\n  \"kind\": \"Cancellation\",\n  \"apiVersion\": \"pkigen/v1\",\n  \"cancelled\": 2\n}\n");
}

TEST_CASE("the list of requests that wait has no secrets, and says which key is meant") {
  std::vector<WaitingRequest> waiting(2);
  waiting[0].row = "apiserver";
  waiting[0].requested = begin;
  waiting[0].request = item("apiserver").request;
  waiting[0].key = crypto::PrivateKeyMaker::make(SecretString("a secret"), "ECDSA-P256", "public", "canary-key");
  waiting[0].validity = 8760h;
  waiting[1].row = "admin.conf";
  waiting[1].in_catalog = false;
  const auto text = to_json(std::span<const WaitingRequest>(waiting));
  CHECK_THAT(text, !contains("a secret"));
  const auto json = Json::parse(text);
  CHECK(json["kind"] == "RequestList");
  const auto& first = json["requests"][0];
  CHECK(first["name"] == "apiserver");
  CHECK(first["requested"] == "2026-11-21T00:48:15Z");
  CHECK(first["subject"]["commonName"] == "canary-name");
  CHECK(first["sans"].size() == 2);
  CHECK(first["keyAlgorithm"] == "ECDSA-P256");
  CHECK(first["publicKeySha256"] == "canary-key");
  CHECK(first["keepsKey"] == false);
  CHECK(first["validity"] == 31536000);
  CHECK(first["inCatalog"] == true);
  CHECK(json["requests"][1]["keepsKey"] == true);
  CHECK(json["requests"][1]["inCatalog"] == false);
}
