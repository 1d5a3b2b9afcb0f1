// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/certificate.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/name.hpp"
#include "crypto/asn1/pem.hpp"
#include "samples.hpp"

using namespace std::string_literals;

/// OldCertificate is one that an old tool could have written; its signature is invalid.
struct OldCertificate {
  std::string serial = "\x01";
  std::string subject = pki::crypto::to_subject_der("old", {});
  std::string extensions;  // content of the list
  bool version_3 = true;

  [[nodiscard]] std::string octets() const {
    const auto algorithm = pki::crypto::der::write(
        pki::crypto::der::sequence,
        {pki::crypto::der::write(pki::crypto::der::object_id, {"\x2a\x86\x48\xce\x3d\x04\x03\x02"})});
    const auto dates = pki::crypto::der::write(
        pki::crypto::der::sequence, {pki::crypto::der::write(pki::crypto::der::utc_time, {"200101000000Z"}),
                                     pki::crypto::der::write(pki::crypto::der::utc_time, {"300101000000Z"})});
    const auto key =
        pki::crypto::decode_base64(pki::crypto::find_pem_blocks(samples::public_p256, 9999, "x").at(0).body).value();
    const auto version = version_3 ? pki::crypto::der::write(pki::crypto::der::constructed(0),
                                                             {pki::crypto::der::write_unsigned("\x02")})
                                   : ""s;
    const auto list = extensions.empty() ? ""s
                                         : pki::crypto::der::write(
                                               pki::crypto::der::constructed(3),
                                               {pki::crypto::der::write(pki::crypto::der::sequence, {extensions})});
    const auto body = pki::crypto::der::write(
        pki::crypto::der::sequence, {version, pki::crypto::der::write(pki::crypto::der::integer, {serial}), algorithm,
                                     pki::crypto::to_subject_der("ca", {}), dates, subject, key, list});
    return pki::crypto::der::write(pki::crypto::der::sequence,
                                   {body, algorithm, pki::crypto::der::write_bits("nonsense")});
  }
  [[nodiscard]] pki::Certificate parse() const {
    return pki::parse_certificates(pki::crypto::to_pem("CERTIFICATE", octets()), "old").at(0);
  }
};

inline std::string extension(std::string_view id, const std::string& value) {
  return pki::crypto::der::write(pki::crypto::der::sequence,
                                 {pki::crypto::der::write(pki::crypto::der::object_id, {id}),
                                  pki::crypto::der::write(pki::crypto::der::octet_string, {value})});
}
