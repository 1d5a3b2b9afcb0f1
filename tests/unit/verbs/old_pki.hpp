// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <openssl/x509.h>

#include <pki/inventory.hpp>

// Certificates as other tools made them, by OpenSSL alone: nothing here comes from the code under test.
namespace old {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 10h;
constexpr std::chrono::seconds day = 24h;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* handle) const { release(handle); }
};
using Key = std::shared_ptr<EVP_PKEY>;
using Crt = std::shared_ptr<X509>;

/// Part is one attribute of a subject; `joined` puts it into the set of the one before.
struct Part {
  const char* type;  ///< "CN"
  int encoding;      ///< V_ASN1_PRINTABLESTRING, …
  std::string value;
  bool joined{false};
};

/// Wish is what a certificate shall be like.
struct Wish {
  std::vector<Part> subject{};
  std::string serial{"5e0123456789abcd"};  ///< hex; kubeadm's have 63 bits
  bool ca{false};
  bool subject_key_id{true};
  std::string sans{};                                       ///< OpenSSL's text form; empty: none
  std::string usages{};                                     ///< likewise, extendedKeyUsage
  std::vector<std::pair<std::string, std::string>> more{};  ///< likewise, further extensions and what they hold
  std::string basic_constraints{"critical,CA:TRUE"};        ///< of a CA
  std::chrono::sys_seconds not_before{now - 300 * day};
  std::chrono::sys_seconds not_after{now + 65 * day};
};

[[nodiscard]] Key ec_key(const char* curve = "P-256");
[[nodiscard]] Key rsa_key(unsigned bits = 2048);
[[nodiscard]] Key ed25519_key();
/// make signs; without issuer the certificate signs itself.
[[nodiscard]] Crt make(const Wish& wish, const Key& key, const Crt& issuer = {}, const Key& issuer_key = {});

[[nodiscard]] std::string pem_of(const Crt& certificate);
[[nodiscard]] std::string pem_of(const Key& key);  ///< PKCS#1 or SEC 1, PKCS#8 for Ed25519
[[nodiscard]] std::string base64(const std::string& text);

/// Pair is a certificate and its key.
struct Pair {
  Crt certificate;
  Key key;
};

/// Files is a PKI in memory, a path a file.
using Files = std::map<std::filesystem::path, std::string>;
[[nodiscard]] pki::Layout layout();
[[nodiscard]] pki::Inventory inventory_of(const Files& files);

void put(Files& files, std::string_view row, const Pair& pair, const std::vector<Crt>& further = {});
/// put_kubeconfig writes one with comments and foreign entries around what counts.
void put_kubeconfig(Files& files, std::string_view row, const Pair& pair, const std::string& ca_pem);

/// Questions about a certificate to OpenSSL.
[[nodiscard]] Crt parse(const std::string& pem);
[[nodiscard]] std::string subject_der(const Crt& certificate);
[[nodiscard]] std::string issuer_der(const Crt& certificate);
[[nodiscard]] std::string extension_der(const Crt& certificate, int nid);  ///< its value; empty where there is none
[[nodiscard]] std::string key_id(const Crt& certificate);                  ///< subject key identifier
[[nodiscard]] std::string authority_key_id(const Crt& certificate);
[[nodiscard]] bool is_signed_by(const Crt& certificate, const Crt& issuer);

}  // namespace old
