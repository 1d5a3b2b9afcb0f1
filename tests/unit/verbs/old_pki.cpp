// SPDX-License-Identifier: Apache-2.0
#include "old_pki.hpp"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "verbs/assemble.hpp"

namespace old {

namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

using Bio = std::unique_ptr<BIO, Release<BIO, BIO_vfree>>;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Crt share(X509* certificate) {
  must(certificate != nullptr, "no certificate");
  return {certificate, X509_free};
}

Key share(EVP_PKEY* key) {
  must(key != nullptr, "no key");
  return {key, EVP_PKEY_free};
}

void set_serial(X509* certificate, const std::string& hex) {
  BIGNUM* number = nullptr;
  must(BN_hex2bn(&number, hex.c_str()) > 0, "serial");
  must(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr, "serial");
  BN_free(number);
}

void set_subject(X509* certificate, const std::vector<Part>& parts) {
  auto* name = X509_get_subject_name(certificate);
  for (const auto& part : parts) {
    const auto* text = reinterpret_cast<const unsigned char*>(part.value.data());
    must(X509_NAME_add_entry_by_txt(name, part.type, part.encoding, text, static_cast<int>(part.value.size()), -1,
                                    part.joined ? -1 : 0) == 1,
         "subject");
  }
}

void add(X509* certificate, X509* issuer, const char* name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_nconf(nullptr, &context, name, value.c_str());
  must(extension != nullptr, value.c_str());
  must(X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

void add_extensions(X509* certificate, X509* issuer, const Wish& wish) {
  add(certificate, issuer, SN_key_usage,
      wish.ca ? "critical,digitalSignature,keyEncipherment,keyCertSign" : "critical,digitalSignature,keyEncipherment");
  if (wish.ca) add(certificate, issuer, SN_basic_constraints, wish.basic_constraints);
  if (wish.subject_key_id) add(certificate, issuer, SN_subject_key_identifier, "hash");
  if (X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0 && issuer != certificate)
    add(certificate, issuer, SN_authority_key_identifier, "keyid");
  if (!wish.usages.empty()) add(certificate, issuer, SN_ext_key_usage, wish.usages);
  if (!wish.sans.empty()) add(certificate, issuer, SN_subject_alt_name, wish.sans);
  for (const auto& [name, value] : wish.more)
    add(certificate, issuer, name.c_str(), value);
}

std::string octets_of(const ASN1_OCTET_STRING* octets) {
  if (octets == nullptr) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)),
          static_cast<std::size_t>(ASN1_STRING_length(octets))};
}

std::string der_of(const X509_NAME* name) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  must(X509_NAME_get0_der(name, &data, &size) == 1, "name");
  return {reinterpret_cast<const char*>(data), size};
}

std::filesystem::path stem_of(const pki::CatalogRow& row) {
  return (row.form == pki::Form::kubeconfig ? layout().kubeconfig_dir : layout().certificates_dir) / row.path;
}

}  // namespace

Key ec_key(const char* curve) { return share(EVP_EC_gen(curve)); }
Key rsa_key(unsigned bits) { return share(EVP_RSA_gen(bits)); }
Key ed25519_key() { return share(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

Crt make(const Wish& wish, const Key& key, const Crt& issuer, const Key& issuer_key) {
  auto certificate = share(X509_new());
  auto* const raw = certificate.get();
  auto* const signer = issuer ? issuer.get() : raw;
  must(X509_set_version(raw, 2) == 1, "version");
  set_serial(raw, wish.serial);
  set_subject(raw, wish.subject);
  must(X509_set_issuer_name(raw, X509_get_subject_name(signer)) == 1, "issuer");
  must(ASN1_TIME_set(X509_getm_notBefore(raw), std::chrono::system_clock::to_time_t(wish.not_before)) != nullptr,
       "date");
  must(ASN1_TIME_set(X509_getm_notAfter(raw), std::chrono::system_clock::to_time_t(wish.not_after)) != nullptr, "date");
  must(X509_set_pubkey(raw, key.get()) == 1, "key");
  add_extensions(raw, signer, wish);
  auto* const signing = issuer ? issuer_key.get() : key.get();
  must(X509_sign(raw, signing, EVP_PKEY_is_a(signing, "ED25519") == 1 ? nullptr : EVP_sha256()) > 0, "signature");
  return certificate;
}

std::string pem_of(const Crt& certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM");
  return text_of(bio);
}

std::string pem_of(const Key& key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  auto* const write =
      EVP_PKEY_is_a(key.get(), "ED25519") == 1 ? &PEM_write_bio_PrivateKey : &PEM_write_bio_PrivateKey_traditional;
  must(write(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  return text_of(bio);
}

std::string base64(const std::string& text) {
  std::string result(4 * ((text.size() + 2) / 3) + 1, '\0');
  const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()), octets, static_cast<int>(text.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

pki::Layout layout() { return {"/k/pki", "/k"}; }

pki::Inventory inventory_of(const Files& files) {
  return pki::verbs::assemble(layout(), [&](const std::filesystem::path& path, const pki::disk::ReadRules&) {
    pki::disk::Found found;
    if (const auto file = files.find(path); file != files.end()) {
      found.exists = true;
      found.content.assign(file->second.begin(), file->second.end());
    }
    return found;
  });
}

void put(Files& files, std::string_view row, const Pair& pair, const std::vector<Crt>& further) {
  const auto stem = stem_of(pki::default_catalog().find_row(row)).string();
  auto& text = files[stem + ".crt"];
  text = pem_of(pair.certificate);
  for (const auto& certificate : further)
    text += pem_of(certificate);
  files[stem + ".key"] = pem_of(pair.key);
}

void put_kubeconfig(Files& files, std::string_view row, const Pair& pair, const std::string& ca_pem) {
  files[stem_of(pki::default_catalog().find_row(row))] =
      "# ours, do not touch\n"
      "apiVersion: v1\n"
      "kind: Config\n"
      "users:   # two of them\n"
      "- name: someone-else\n"
      "  user: {token: \"abc\", client-certificate-data: Zm9v}\n"
      "- name:   me\n"
      "  user:\n"
      "    client-certificate-data: " +
      base64(pem_of(pair.certificate)) +
      "   # the certificate\n"
      "    client-key-data: \"" +
      base64(pem_of(pair.key)) +
      "\"\n"
      "clusters:\n"
      "- cluster:\n"
      "    certificate-authority-data: " +
      base64(ca_pem) +
      "\n"
      "    server: https://10.0.0.1:6443\n"
      "    x-unknown: [1, 2]\n"
      "  name: here\n"
      "- cluster: {server: 'https://elsewhere'}\n"
      "  name: there\n"
      "contexts:\n"
      "- context: {cluster: here, user: me, namespace: kube-system}\n"
      "  name: me@here\n"
      "- context: {cluster: there, user: someone-else}\n"
      "  name: other\n"
      "current-context: me@here\n"
      "preferences: {}\n";
}

Crt parse(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return share(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

std::string subject_der(const Crt& certificate) { return der_of(X509_get_subject_name(certificate.get())); }
std::string issuer_der(const Crt& certificate) { return der_of(X509_get_issuer_name(certificate.get())); }

std::string extension_der(const Crt& certificate, int nid) {
  const int place = X509_get_ext_by_NID(certificate.get(), nid, -1);
  return place < 0 ? "" : octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate.get(), place)));
}

std::string key_id(const Crt& certificate) { return octets_of(X509_get0_subject_key_id(certificate.get())); }
std::string authority_key_id(const Crt& certificate) {
  return octets_of(X509_get0_authority_key_id(certificate.get()));
}

bool is_signed_by(const Crt& certificate, const Crt& issuer) {
  return X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
}

}  // namespace old
