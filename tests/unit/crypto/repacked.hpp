// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "crypto/asn1/pem.hpp"

/// Returns the last PEM block of a text with its DER changed by `change`.
inline std::string repacked(const std::string& pem, const std::function<void(std::string&)>& change) {
  const auto blocks = pki::crypto::find_pem_blocks(pem, std::string::npos, "test");
  const auto& block = blocks.back();
  auto der = pki::crypto::decode_base64(block.body).value();
  change(der);
  return pki::crypto::to_pem(block.label, der);
}
