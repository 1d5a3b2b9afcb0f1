// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/key_ed25519.hpp"
#include "crypto/key_maker.hpp"

namespace pki::crypto {

namespace {

constexpr std::string_view encrypted_label = "ENCRYPTED PRIVATE KEY";

/// Returns whether a signature of the key verifies.
bool signs_and_verifies(EVP_PKEY* key) {
  constexpr std::string_view message = "pairwise check";
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  auto* data = reinterpret_cast<unsigned char*>(signature.data());
  auto size = signature.size();
  const auto context = own(EVP_MD_CTX_new(), "sign");
  if (EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", library_context(), nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(context.get(), data, &size, bytes_of(message), message.size()) != 1)
    return false;
  const auto verifier = own(EVP_MD_CTX_new(), "verify");
  return EVP_DigestVerifyInit_ex(verifier.get(), nullptr, "SHA256", library_context(), nullptr, key, nullptr) == 1 &&
         EVP_DigestVerify(verifier.get(), data, size, bytes_of(message), message.size()) == 1;
}

PrivateKey finish(SecretString pem, const std::string& spki) {
  return PrivateKeyMaker::make(std::move(pem), algorithm_of(spki), to_pem("PUBLIC KEY", spki),
                               base::to_hex(sha256(spki)));
}

/// Runs a check of numbers that were just generated.
template <class Check>
PrivateKey check_generated(Check run) {
  try {
    return run();
  } catch (const der::Malformed& problem) {
    throw Error(Errc::crypto, {}, fmt::format("the generated key is invalid: {}", problem.what()));
  }
}

/// OpenSSL computes the public half from the private one, so that there are no two halves to compare.
PrivateKey to_private_key(const Ed25519Seed& seed) {
  return finish(to_pem<SecretString>(pkcs8_label, write_ed25519(seed)), ed25519_spki(seed));
}

PrivateKey read_any(std::string_view octets, KeyCheck check) {
  const auto found = read_pkcs8(octets);
  if (found.algorithm == rsa_oid) return to_private_key(read_rsa(found.key), check);
  if (found.algorithm == ec_oid) return to_private_key(read_ec(found.key, read_curve(found.parameters)));
  if (found.algorithm == ed25519_oid) return to_private_key(read_ed25519(found.key));
  throw der::Malformed("a key that is neither RSA, ECDSA nor Ed25519");
}

/// FalseSignatures is thrown for a key that is well-formed, and whose trial signature does not verify.
class FalseSignatures : public der::Malformed {
 public:
  using Malformed::Malformed;
};

PrivateKey read_block(const PemBlock& block, KeyCheck check) {
  const auto octets = decode_base64<SecretString>(block.body);
  if (!octets) throw der::Malformed("it is not base64");
  if (block.label == rsa_label) return to_private_key(read_rsa(*octets), check);
  if (block.label == ec_label) return to_private_key(read_ec(*octets, nullptr));
  return read_any(*octets, check);
}

bool is_private_key(std::string_view label) {
  return label == rsa_label || label == ec_label || label == pkcs8_label || label == encrypted_label;
}

/// Recognises PKCS#8 encryption, and OpenSSL's older one by its header lines.
bool is_encrypted(const PemBlock& block) {
  return block.label == encrypted_label || block.body.find("ENCRYPTED") != std::string_view::npos;
}

}  // namespace

PrivateKey to_private_key(const RsaNumbers& rsa, KeyCheck check) {
  if (const auto problem = check_rsa(rsa); !problem.empty()) throw der::Malformed(problem);
  if (check == KeyCheck::sign_and_verify && !signs_and_verifies(make_rsa(rsa).get()))
    throw FalseSignatures("an RSA key whose signatures do not verify");
  return finish(to_pem<SecretString>(rsa_label, write_rsa(rsa)),
                rsa_spki(rsa.numbers[RsaNumbers::n], rsa.numbers[RsaNumbers::e]));
}

PrivateKey to_private_key(EcNumbers ec) {
  const auto point = ec_point(ec);  // the pairwise check: computed from the scalar and compared with the one given
  ec.point = point;
  return finish(to_pem<SecretString>(ec_label, write_ec(ec)), ec_spki(*ec.curve, point));
}

PrivateKey to_generated_key(const RsaNumbers& rsa) {
  return check_generated([&] { return to_private_key(rsa); });
}

PrivateKey to_generated_key(const EcNumbers& ec) {
  return check_generated([&] { return to_private_key(ec); });
}

Handle<EVP_PKEY> to_handle(const PrivateKey& key) {
  const auto block = find_pem_blocks(key.pem(), std::string_view::npos, "private key").front();
  const auto octets = decode_base64<SecretString>(block.body);
  if (!octets) throw Error(Errc::malformed, "private key", "not a private key in PEM form");
  if (block.label == rsa_label) return make_rsa(read_rsa(*octets));
  if (block.label == ec_label) return make_ec(read_ec(*octets, nullptr));
  return make_ed25519(read_ed25519(read_pkcs8(*octets).key));  // the only keys whose own form is PKCS#8
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

PrivateKey parse_private_key(std::string_view pem, const std::string& subject, KeyCheck check) {
  constexpr std::size_t limit = 64UL * 1024;
  const crypto::QuietErrors quiet;
  const crypto::CleanStack clean;
  std::optional<Error> first;  // reported when no block is usable
  const auto refuse = [&](const std::string& message, const std::string& hint = {}) {
    if (!first) first.emplace(Errc::malformed, subject, message, hint);
  };
  for (const auto& block : crypto::find_pem_blocks(pem, limit, subject)) {
    if (!crypto::is_private_key(block.label)) continue;
    if (crypto::is_encrypted(block)) {
      refuse("the private key is encrypted, encrypted keys are not supported",
             "decrypt it with 'openssl pkey -in FILE -out FILE'");
      continue;
    }
    const auto refuse_block = [&](const std::exception& problem) {
      refuse(fmt::format("the {} block is not usable: {}", block.label, problem.what()));
    };
    try {
      return crypto::read_block(block, check);
    } catch (const crypto::FalseSignatures& problem) {
      // A component takes the first well-formed key of a file. One trial signature of a large key takes seconds.
      refuse_block(problem);
      break;
    } catch (const std::runtime_error& problem) {  // der::Malformed, or OpenSSL's refusal
      refuse_block(problem);
    }
  }
  if (first) throw Error(*first);
  throw Error(Errc::malformed, subject,
              "no private key found, expected a PEM block RSA PRIVATE KEY, EC PRIVATE KEY or PRIVATE KEY");
}

}  // namespace pki::inline PKI_ABI
