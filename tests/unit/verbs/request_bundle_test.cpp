// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "ceremony.hpp"

// The document itself: tests/unit/formats/request_json_test.cpp.

using namespace ceremony;
using Json = nlohmann::ordered_json;

namespace {

struct Made {
  pki::Inventory host;
  std::vector<pki::WaitingRequest> waiting;
  pki::RequestBundle requests;
  pki::AnswerBundle answers;
};

/// Returns both bundles of a host with two requests.
const Made& made() {
  static const auto all = [] {
    const Cluster cluster;
    Made both;
    both.waiting = cluster.request({.rows = rows({"apiserver", "admin.conf"})});
    both.host = cluster.host();
    both.requests = pki::to_bundle(both.waiting, both.host);
    both.answers = pki::sign_requests(cluster.decide(both.waiting), cluster.holder());
    return both;
  }();
  return all;
}

/// Returns a document with a member of its first item replaced, and the digest of its new content.
std::string with(const std::string& document, const char* list, const char* member, const std::string& value) {
  auto json = Json::parse(document);
  json[list][0][member] = value;
  json["digest"] = "sha256:" + pki::base::sha256_hex(json[list].dump());
  return json.dump();
}

}  // namespace

TEST_CASE("a bundle names the CA of each request by the key that the host knows") {
  const auto& items = made().requests.items;
  REQUIRE(items.size() == 2);
  for (const auto& item : items) {
    CHECK(item.issuer == "ca");
    CHECK(item.issuer_public_key_sha256 == made().host.find("ca").certificate()->public_key_sha256);
    CHECK(item.validity == 365 * day);
    CHECK(item.source.empty());
  }
  CHECK(items[0].row == "apiserver");
  CHECK(items[0].request == made().waiting[0].request);
}

TEST_CASE("a host that does not know its CA says nothing about its key") {
  auto host = made().host;
  for (auto& entry : host.entries)
    if (entry.row->name == "ca") entry.certificates.clear();
  CHECK(pki::to_bundle(made().waiting, host).items.at(0).issuer_public_key_sha256.empty());
}

TEST_CASE("a bundle of requests is the same after its journey, and says where each request comes from") {
  const auto received = pki::parse_request_bundle(pki::to_json(made().requests), "in.json");
  CHECK(received.digest == made().requests.digest);
  CHECK(received.digest.starts_with("sha256:"));
  REQUIRE(received.items.size() == 2);
  for (std::size_t i = 0; i < received.items.size(); ++i) {
    const auto& sent = made().requests.items[i];
    const auto& found = received.items[i];
    CHECK(found.row == sent.row);
    CHECK(found.source == "in.json: " + sent.row);
    CHECK(found.issuer == sent.issuer);
    CHECK(found.issuer_public_key_sha256 == sent.issuer_public_key_sha256);
    CHECK(found.validity == sent.validity);
    CHECK(found.request == sent.request);
  }
}

TEST_CASE("the facts about a received request are those of the request itself, not of what the document says") {
  auto text = with(pki::to_json(made().requests), "requests", "publicKeySha256", "another");
  text = with(text, "requests", "keyAlgorithm", "RSA-4096");
  CHECK(pki::parse_request_bundle(text, "in.json").items.at(0).request == made().requests.items[0].request);
}

TEST_CASE("a bundle of certificates is the same after its journey") {
  const auto received = pki::parse_answer_bundle(pki::to_json(made().answers), "out.json");
  CHECK(received.digest == made().answers.digest);
  REQUIRE(received.answers.size() == 2);
  for (std::size_t i = 0; i < received.answers.size(); ++i) {
    CHECK(received.answers[i].row == made().answers.answers[i].row);
    CHECK(received.answers[i].source == "out.json: " + received.answers[i].row);
    CHECK(received.answers[i].chain == made().answers.answers[i].chain);
  }
}

TEST_CASE("an item that names no row is known by the file alone") {
  const auto text = with(pki::to_json(made().requests), "requests", "name", "");
  CHECK(pki::parse_request_bundle(text, "in.json").items.at(0).source == "in.json");
}

TEST_CASE("an item that is no request or no certificate is refused by its row") {
  const auto code = [](const std::string& text, bool requests) -> std::optional<pki::Error> {
    try {
      if (requests)
        (void)pki::parse_request_bundle(text, "in.json");
      else
        (void)pki::parse_answer_bundle(text, "in.json");
    } catch (const pki::Error& error) {
      return error;
    }
    return std::nullopt;
  };
  const auto sent = pki::to_json(made().requests);
  const auto returned = pki::to_json(made().answers);
  const auto request = made().requests.items[0].request.pem;
  const auto certificate = made().answers.answers[0].chain[0].pem;
  for (const auto& odd :
       {std::string(), std::string("x"), certificate, request + request, request.substr(0, request.size() / 2)}) {
    CAPTURE(odd);
    const auto error = code(with(sent, "requests", "request", odd), true);
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
    CHECK(error->subject() == "in.json: apiserver");
  }
  for (const auto& odd : {std::string(), std::string("x"), request, certificate.substr(0, certificate.size() / 2)}) {
    CAPTURE(odd);
    const auto error = code(with(returned, "certificates", "certificate", odd), false);
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
    CHECK(error->subject() == "in.json: apiserver");
  }
  CHECK(code(returned, true)->code() == pki::Errc::malformed);
  CHECK(code(sent, false)->code() == pki::Errc::malformed);
}

TEST_CASE("a bundle that was edited on its way is refused before its content is read") {
  auto json = Json::parse(pki::to_json(made().requests));
  json["requests"][0]["request"] = "not even a request";
  CHECK(code_of([&] { (void)pki::parse_request_bundle(json.dump(), "in.json"); }) == pki::Errc::mismatch);
  json = Json::parse(pki::to_json(made().answers));
  json["certificates"][0]["certificate"] = "not even a certificate";
  CHECK(code_of([&] { (void)pki::parse_answer_bundle(json.dump(), "in.json"); }) == pki::Errc::mismatch);
}
