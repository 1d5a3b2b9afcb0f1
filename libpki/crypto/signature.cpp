#include "crypto/signature.hpp"

#include "crypto/asn1/der.hpp"
#include "crypto/key.hpp"

namespace pki::crypto {

namespace {

const char* digest_of(const PrivateKey& key) {
  const auto* curve = try_find_curve_by_algorithm(key.algorithm());
  if (curve == nullptr || curve->size == 32) return "SHA256";
  return curve->size == 48 ? "SHA384" : "SHA512";
}

}  // namespace

std::string sign_octets(std::string_view octets, const PrivateKey& key) {
  const CleanStack clean;
  const auto handle = to_handle(key);
  const auto context = own(EVP_MD_CTX_new(), "sign");
  check(
      EVP_DigestSignInit_ex(context.get(), nullptr, digest_of(key), library_context(), nullptr, handle.get(), nullptr),
      "sign");
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(handle.get())), '\0');
  auto size = signature.size();
  check(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(octets),
                       octets.size()),
        "sign");
  signature.resize(size);
  return signature;
}

std::string signature_algorithm_of(const PrivateKey& key) {
  const auto* curve = try_find_curve_by_algorithm(key.algorithm());
  if (curve == nullptr) {
    constexpr std::string_view sha256_rsa{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 9};
    return der::write(der::sequence, {der::write(der::object_id, {sha256_rsa}), der::write(der::null, {})});
  }
  std::string ecdsa_sha2{"\x2a\x86\x48\xce\x3d\x04\x03", 7};  // then 2, 3, 4 for SHA-256, SHA-384, SHA-512
  ecdsa_sha2.push_back(curve->size == 32 ? '\x02' : curve->size == 48 ? '\x03' : '\x04');
  return der::write(der::sequence, {der::write(der::object_id, {ecdsa_sha2})});
}

}  // namespace pki::crypto
