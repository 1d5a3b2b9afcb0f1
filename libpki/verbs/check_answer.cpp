// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "crypto/verify.hpp"
#include "model/answer_check.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// AnswerCheck collects what is wrong with an answer.
class AnswerCheck {
 public:
  AnswerCheck(std::string subject, std::vector<Certificate> chain)
      : subject_(std::move(subject)), chain_(std::move(chain)) {}

  void check_identity(const ApiExpectation& expected) {
    const auto& found = chain_.front();
    if (found.public_key_sha256 != expected.public_key_sha256)
      add(Rule::key_mismatch, "has another key than the request");
    for (auto& difference : model::differences_from(expected.spec, found))
      add(difference.rule, std::move(difference.message));
    if (found.is_ca) add(Rule::leaf_is_ca, "is the certificate of a CA");
  }

  void check_chain(const ApiExpectation& expected, std::chrono::sys_seconds now) {
    const crypto::TrustAnchors anchors(expected.ca_certificates);
    if (!anchors.have_signed(chain_)) return add(Rule::not_signed_by_ca, "is not signed by the expected CA");
    const auto reason = anchors.verify(chain_, expected.spec.profile, now);
    if (!reason.empty()) add(Rule::chain_refused, "is refused: " + reason);
  }

  [[nodiscard]] std::vector<Certificate> take() {
    if (!findings_.empty()) throw Error(Errc::mismatch, std::move(findings_));
    return std::move(chain_);
  }

 private:
  void add(Rule rule, std::string message) {
    findings_.push_back({rule, Severity::error, subject_, std::move(message)});
  }

  std::string subject_;
  std::vector<Certificate> chain_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Certificate> check_answer(const ApiRequest& request, const ApiExpectation& expected,
                                      std::chrono::sys_seconds now) {
  const auto subject = fmt::format("request {}", request.name);
  AnswerCheck answer(subject, parse_certificates(request.certificate_pem, subject));
  answer.check_identity(expected);
  answer.check_chain(expected, now);
  return answer.take();
}

}  // namespace pki::inline PKI_ABI
