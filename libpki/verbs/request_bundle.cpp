// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <utility>

#include <fmt/format.h>

#include "formats/report/request_json.hpp"

namespace pki::inline PKI_ABI {

namespace {

std::string source_of(const std::string& subject, const std::string& row) {
  return row.empty() ? subject : fmt::format("{}: {}", subject, row);
}

RequestItem item_of(const WaitingRequest& one, const Inventory& inventory) {
  const auto& issuer = inventory.find(inventory.find(one.row).row->issuer);
  return {.row = one.row,
          .source = {},
          .issuer = std::string(issuer.row->name),
          .issuer_public_key_sha256 =
              issuer.certificate() != nullptr ? issuer.certificate()->public_key_sha256 : std::string(),
          .validity = one.validity,
          .request = one.request};
}

}  // namespace

RequestBundle to_bundle(std::span<const WaitingRequest> requests, const Inventory& inventory) {
  RequestBundle bundle;
  for (const auto& one : requests)
    bundle.items.push_back(item_of(one, inventory));
  bundle.digest = formats::digest_of(bundle.items);
  return bundle;
}

RequestBundle parse_request_bundle(std::string_view text, const std::string& subject) {
  auto parsed = formats::parse_bundle(text, "RequestBundle", subject);
  RequestBundle bundle{{}, std::move(parsed.digest)};
  for (auto& item : parsed.items) {
    auto source = source_of(subject, item.row);
    auto requests = parse_requests(item.pem, source);
    if (requests.size() != 1) throw Error(Errc::malformed, source, "holds more than one request");
    bundle.items.push_back({.row = std::move(item.row),
                            .source = std::move(source),
                            .issuer = std::move(item.issuer),
                            .issuer_public_key_sha256 = std::move(item.issuer_public_key_sha256),
                            .validity = item.validity,
                            .request = std::move(requests.front())});
  }
  return bundle;
}

AnswerBundle parse_answer_bundle(std::string_view text, const std::string& subject) {
  auto parsed = formats::parse_bundle(text, "CertificateBundle", subject);
  AnswerBundle bundle{{}, std::move(parsed.digest)};
  for (auto& item : parsed.items) {
    auto source = source_of(subject, item.row);
    auto chain = parse_certificates(item.pem, source);
    bundle.answers.push_back({std::move(item.row), std::move(source), std::move(chain)});
  }
  return bundle;
}

}  // namespace pki::inline PKI_ABI
