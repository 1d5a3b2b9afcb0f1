// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "bench.hpp"

namespace {

template <auto release>
struct Free {
  template <class T>
  void operator()(T* handle) const {
    release(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

void demand(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL failed");
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  demand(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// client makes a key and a client certificate as a careful programmer does with OpenSSL's functions, and their PEM.
void client(EVP_PKEY* ca, std::size_t number) {
  const Key key(EVP_EC_gen("P-256"));
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number + 1);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto text = "user-" + std::to_string(number);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, name);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 31'536'000);
  X509_set_pubkey(certificate, key.get());
  add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, NID_ext_key_usage, "clientAuth");
  demand(X509_sign(certificate, ca, EVP_sha256()) > 0);
  BIO* out = BIO_new(BIO_s_mem());
  demand(PEM_write_bio_X509(out, certificate) == 1);
  demand(PEM_write_bio_PrivateKey_traditional(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  BIO_free(out);
  X509_free(certificate);
}

struct Bytes {
  std::vector<std::vector<unsigned char>> der;
};

Bytes read_all(const std::string& directory) {
  Bytes bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    BIO* in = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (PEM_read_bio(in, &name, &header, &data, &size) == 1) {
      bytes.der.emplace_back(data, data + size);
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_free(data);
    }
    BIO_free(in);
  }
  return bytes;
}

struct Parsed {
  std::vector<Cert> certificates;
  std::vector<Key> keys;
};

Parsed parse_all(const std::string& directory) {
  Parsed parsed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const auto kind = entry.path().extension();
    BIO* file = BIO_new_file(entry.path().c_str(), "r");
    if (kind == ".crt")
      while (X509* certificate = PEM_read_bio_X509(file, nullptr, nullptr, nullptr))
        parsed.certificates.emplace_back(certificate);
    else if (kind == ".key")
      parsed.keys.emplace_back(PEM_read_bio_PrivateKey(file, nullptr, nullptr, nullptr));
    BIO_free(file);
  }
  return parsed;
}

}  // namespace

void openssl_report(const std::string& directory) {
  const auto parsed = parse_all(directory);
  std::size_t matched = 0;
  for (const auto& certificate : parsed.certificates) {
    bool is_signed = false;
    for (const auto& issuer : parsed.certificates)
      is_signed = is_signed || (X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK &&
                                X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1);
    demand(is_signed);
    for (const auto& key : parsed.keys)
      if (EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key.get()) == 1) ++matched;
  }
  std::printf("%zu\n", matched);
}

void openssl_clients(std::size_t count, unsigned threads) {
  const Key ca(EVP_EC_gen("P-256"));
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++)
      client(ca.get(), i);
  };
  const auto time = seconds_of([&] {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads; ++i)
      helpers.emplace_back(work);
    work();
  });
  std::printf("%.6f\n", time);
}

void openssl_rsa(unsigned bits, std::size_t count) {
  const auto time = seconds_of([&] {
    for (std::size_t i = 0; i < count; ++i)
      demand(Key(EVP_RSA_gen(bits)) != nullptr);
  });
  std::printf("%.4f\n", time * 1000 / static_cast<double>(count));
}

void openssl_prime(unsigned bits, std::size_t count) {
  BN_CTX* context = BN_CTX_secure_new();
  const Number prime(BN_new());
  const auto time = seconds_of([&] {
    for (std::size_t i = 0; i < count; ++i)
      demand(BN_generate_prime_ex2(prime.get(), static_cast<int>(bits), 0, nullptr, nullptr, nullptr, context) == 1);
  });
  BN_CTX_free(context);
  std::printf("%.4f\n", time * 1000 / static_cast<double>(count));
}

void openssl_parse(const std::string& directory) {
  Bytes bytes;
  const auto reading = seconds_of([&] { bytes = read_all(directory); });
  const auto parsing = seconds_of([&] {
    for (const auto& der : bytes.der) {
      const unsigned char* at = der.data();
      X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
      demand(certificate != nullptr);
      X509_free(certificate);
    }
  });
  std::printf("%.3f %.3f\n", parsing * 1000, (reading + parsing) * 1000);
}
