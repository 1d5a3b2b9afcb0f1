// SPDX-License-Identifier: Apache-2.0
// Requests for certificates: DER, or a PEM text. Promises: a typed error or facts; the facts of the request's own text
// are the same; OpenSSL reads and verifies what is accepted, with the same subject; what is shown to people is plain.

#include <pki/request.hpp>

#include <openssl/x509.h>

#include "crypto/asn1/pem.hpp"
#include "crypto/openssl.hpp"
#include "crypto/request.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

using pki::CertificateRequest;
namespace crypto = pki::crypto;

void compare_with_openssl(const CertificateRequest& request) {
  const auto blocks = crypto::find_pem_blocks(request.pem, std::string_view::npos, "request");
  const auto octets = crypto::decode_base64(blocks.at(0).body);
  const auto* data = crypto::bytes_of(*octets);
  const crypto::Handle<X509_REQ> theirs(d2i_X509_REQ(nullptr, &data, static_cast<long>(octets->size())));
  require(theirs != nullptr, "OpenSSL reads what is accepted");
  unsigned char* subject = nullptr;
  const int size = i2d_X509_NAME(X509_REQ_get_subject_name(theirs.get()), &subject);
  const std::string_view written(reinterpret_cast<const char*>(subject), static_cast<std::size_t>(size));
  const bool same = written == request.subject_der;
  OPENSSL_free(subject);
  require(same, "OpenSSL reads the same subject");
  require(X509_REQ_verify(theirs.get(), X509_REQ_get0_pubkey(theirs.get())) == 1, "OpenSSL verifies what is accepted");
}

void check_request(const CertificateRequest& request) {
  require_plain(request.subject, "subject");
  require_plain(request.key_algorithm, "algorithm");
  const auto again = pki::parse_requests(request.pem, "written");
  require(again.size() == 1 && again[0] == request, "its own text has the same facts");
  const auto key = crypto::public_key_of(request);
  require(key.sha256 == request.public_key_sha256 && key.algorithm == request.key_algorithm, "it has one public key");
  compare_with_openssl(request);
}

}  // namespace

void request(std::string_view input) {
  const crypto::QuietErrors quiet;
  const bool text = input.find("-----BEGIN") != std::string_view::npos;
  const auto pem = text ? std::string(input) : crypto::to_pem("CERTIFICATE REQUEST", input);
  if (const auto requests = value_of([&] { return pki::parse_requests(pem, "input"); }))
    for (const auto& each : *requests)
      check_request(each);
}

}  // namespace fuzz
