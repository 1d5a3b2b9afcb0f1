// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <pki/error.hpp>

#include "base/base64.hpp"
#include "formats/api/certificate_request.hpp"

using namespace pki;
using namespace pki::formats;

namespace {

const std::string pem = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";

ApiRequestSpec sample() {
  return {"jane", {"kubernetes.io/kube-apiserver-client", {"digital signature", "client auth"}}, pem, {}};
}

/// Returns what a server makes of a document: an object with a uid, and the given status.
std::string stored(const std::string& status = "{}") {
  auto object = nlohmann::ordered_json::parse(to_request_document("jane", sample()));
  object["metadata"]["uid"] = "u-1";
  object["metadata"]["resourceVersion"] = "42";
  object["metadata"]["managedFields"] = nlohmann::ordered_json::array({{{"manager", "x"}}});
  object["status"] = nlohmann::ordered_json::parse(status);
  return object.dump();
}

/// Returns the same object by another name.
std::string named(const std::string& name) {
  auto object = nlohmann::ordered_json::parse(stored());
  object["metadata"]["name"] = name;
  return object.dump();
}

Error error_of(const std::string& json) {
  try {
    (void)parse_request_document(json, "https://api:6443");
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error for " << json.substr(0, 200));
  return {Errc::io, "", ""};
}

}  // namespace

TEST_CASE("a request document has what certificates.k8s.io/v1 demands, and an expiration where one was asked for") {
  auto spec = sample();
  CHECK(to_request_document("jane", spec) ==
        R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"jane"},)"
        R"("spec":{"request":")" +
            base::to_base64(pem) +
            R"(","signerName":"kubernetes.io/kube-apiserver-client","usages":["digital signature","client auth"]}})");
  spec.expiration = std::chrono::hours(2);
  CHECK_THAT(to_request_document("jane", spec), contains(R"("expirationSeconds":7200)"));
}

TEST_CASE("a request is read as the server has it") {
  const auto request = parse_request_document(
      stored(R"({"conditions":[{"type":"Approved","status":"True","reason":"Ok","message":"yes"},)"
             R"({"type":"Denied","status":"False"},{"type":"Failed","reason":"Old"}],"certificate":")" +
             base::to_base64("CERT") + "\"}"),
      "s");
  CHECK(request.name == "jane");
  CHECK(request.uid == "u-1");
  CHECK(request.signer_name == "kubernetes.io/kube-apiserver-client");
  CHECK(request.usages == sample().signer.usages);
  CHECK(request.request_pem == pem);
  CHECK(request.certificate_pem == "CERT");
  CHECK_FALSE(request.expiration);
  REQUIRE(request.find("Approved") != nullptr);
  CHECK(*request.find("Approved") == ApiCondition{"Approved", "Ok", "yes"});
  CHECK(request.find("Denied") == nullptr);  // its status is False
  CHECK(request.find("Failed") != nullptr);  // servers before v1 wrote no status
  for (const auto* status : {"null", "{}", R"({"conditions":null,"certificate":null})"})
    CHECK(parse_request_document(stored(status), "s").conditions.empty());
}

TEST_CASE("texts of a condition are shown on one line, without control characters, and cut") {
  const auto request = parse_request_document(
      stored(R"({"conditions":[{"type":"Denied","status":"True","reason":"a\nb","message":"\u001b[31m)" +
             std::string(100'000, 'x') + "\"}]}"),
      "s");
  CHECK(request.conditions[0].reason == "a\\x0ab");
  CHECK(request.conditions[0].message.size() < 600);
  CHECK(request.conditions[0].message.starts_with("\\x1b[31m"));
}

TEST_CASE("anything but a request is refused as an answer of the API server") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "not JSON"},
      {"<html>Bad Gateway</html>", "not JSON"},
      {"{\"kind\":", "not JSON"},
      {"{\"a\":\"\xff\"}", "not JSON"},
      {std::string(1'000'000, '['), "not JSON"},
      {std::string(100'000, '[') + std::string(100'000, ']'), "too deep"},
      {"[]", "no CertificateSigningRequest"},
      {"null", "no CertificateSigningRequest"},
      {R"({"kind":"Status","apiVersion":"v1"})", "no CertificateSigningRequest"},
      {R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1beta1"})", "certificates.k8s.io/v1"},
      {R"({"kind":7})", "kind of the request: found no string"},
      {R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1"})", "without name or uid"},
      {R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1","metadata":"x"})", "without name"},
      {named("jane\r\nX-Header: x"), "not a DNS subdomain"},
      {named("jane HTTP/1.1"), "not a DNS subdomain"},
      {named("../jane"), "not a DNS subdomain"},
      {named(std::string(254, 'a')), "not a DNS subdomain"},
      {stored(R"({"conditions":{}})"), "conditions of the request: found no list"},
      {stored(R"({"conditions":[{"status":1}]})"), "status of the request: found no string"},
      {stored(R"({"certificate":"%%%"})"), "not valid base64"},
      {stored(R"({"certificate":[1]})"), "certificate of the request: found no string"},
  };
  for (const auto& [json, expected] : table) {
    CAPTURE(json.substr(0, 200));
    const auto error = error_of(json);
    CHECK(error.code() == Errc::api);
    CHECK(error.finding().rule == Rule::api_answer_invalid);
    CHECK(error.subject() == "https://api:6443");
    CHECK_THAT(error.message(), contains(expected));
  }
}

TEST_CASE("an approval keeps the rest of the object, and earlier conditions") {
  const auto text = with_approval(stored(R"({"conditions":[{"type":"X","status":"True"}]})"), "Test", "because", "s");
  const auto object = nlohmann::json::parse(text);
  CHECK(object["metadata"]["resourceVersion"] == "42");
  CHECK(object["metadata"]["uid"] == "u-1");
  CHECK(object["spec"]["signerName"] == "kubernetes.io/kube-apiserver-client");
  REQUIRE(object["status"]["conditions"].size() == 2);
  CHECK(object["status"]["conditions"][0]["type"] == "X");
  CHECK(object["status"]["conditions"][1] ==
        nlohmann::json::parse(R"({"type":"Approved","status":"True","reason":"Test","message":"because"})"));
  CHECK(nlohmann::json::parse(with_approval(stored("null"), "Test", "m", "s"))["status"]["conditions"].size() == 1);
  CHECK_THROWS_AS(with_approval(stored("[]"), "Test", "m", "s"), Error);
  CHECK_THROWS_AS(with_approval("{}", "Test", "m", "s"), Error);
}

TEST_CASE("a deletion names the object by its uid") {
  CHECK(to_delete_options("u-1") == R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u-1"}})");
}

TEST_CASE("a status is read where there is one") {
  const auto status = parse_status_document(
      R"({"kind":"Status","reason":"TooManyRequests","message":"try\nlater","details":{"retryAfterSeconds":3}})");
  CHECK(status.reason == "TooManyRequests");
  CHECK(status.message == "try\\x0alater");
  CHECK(status.retry_after == std::chrono::seconds(3));
  for (const std::string text :
       {"", "{}", "[]", "<html>", R"({"kind":"Pod","message":"x"})", R"({"kind":["Status"]})"}) {
    CAPTURE(text);
    CHECK(parse_status_document(text).message.empty());
  }
  for (const std::string seconds : {"-3", "1.5", "\"3\"", "1e99", "99999999999999999999", "null", "{}"}) {
    CAPTURE(seconds);
    CHECK_FALSE(
        parse_status_document(R"({"kind":"Status","details":{"retryAfterSeconds":)" + seconds + "}}").retry_after);
  }
}
