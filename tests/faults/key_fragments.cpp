// SPDX-License-Identifier: Apache-2.0
#include "key_fragments.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace faults {

namespace {

constexpr std::size_t piece = 24;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::uint64_t start_of(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::size_t filter_place(std::uint64_t word) { return (word ^ (word >> 23U) ^ (word >> 44U)) & 0xfffffU; }

std::string encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string decode(const std::string& text) {
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  while (!bytes.empty() && bytes.back() == '\0')
    bytes.pop_back();
  return bytes;
}

// Numbers of a key, big endian, with their names.
std::vector<std::pair<std::string, std::string>> numbers(const std::string& pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) throw std::runtime_error("a key does not parse");
  constexpr const char* names[] = {OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                   OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                   OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                                   OSSL_PKEY_PARAM_PRIV_KEY};
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto* name : names) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &raw) != 1) continue;
    const std::unique_ptr<BIGNUM, Free> number(raw);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
    BN_bn2bin(raw, reinterpret_cast<unsigned char*>(bytes.data()));
    result.emplace_back(name, bytes);
  }
  ERR_clear_error();
  return result;
}

// Returns the characters of the base64 text of `whole` that encode nothing but `bytes`.
std::string characters_of(std::string_view whole, std::string_view bytes) {
  const auto at = whole.find(bytes);
  if (at == std::string_view::npos) return {};
  const auto first = (at + 2) / 3 * 3, last = (at + bytes.size()) / 3 * 3;
  return first < last ? encode(whole.substr(first, last - first)) : std::string();
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    text.push_back(digits[static_cast<unsigned char>(c) & 15U]);
  }
  return text;
}

std::string body_of(const std::string& pem) {
  std::string body;
  for (std::size_t from = pem.find('\n') + 1, to = 0; (to = pem.find('\n', from)) != std::string::npos; from = to + 1)
    if (pem[from] != '-')
      body += pem.substr(from, to - from);
    else
      break;
  return body;
}

std::string key_of_kubeconfig(const std::string& yaml) {
  const std::string field = "client-key-data: ";
  const auto at = yaml.find(field);
  if (at == std::string::npos) return {};
  const auto from = at + field.size();
  return decode(yaml.substr(from, yaml.find('\n', from) - from));
}

}  // namespace

void KeyFragments::add_pieces(const std::string& what, std::string_view bytes) {
  for (std::size_t at = 0; at + piece <= bytes.size(); at += piece) {
    fragments_.push_back({std::string(bytes.substr(at, piece)), what + ", byte " + std::to_string(at)});
    const auto start = start_of(fragments_.back().bytes.data());
    by_start_.emplace(start, fragments_.size() - 1);
    filter_[filter_place(start)] = true;
  }
}

void KeyFragments::add(const std::string& name, const std::string& content) {
  const bool kubeconfig = content.find("client-key-data: ") != std::string::npos;
  // A request that waits comes before its key.
  const auto pem = kubeconfig ? key_of_kubeconfig(content)
                              : content.substr(content.rfind("-----BEGIN", content.find("PRIVATE KEY-----")));
  const auto der = decode(body_of(pem));
  for (const auto& [number, bytes] : numbers(pem)) {
    const auto what = name + ": " + number;
    add_pieces(what, bytes);
    add_pieces(what + ", little endian", std::string(bytes.rbegin(), bytes.rend()));
    add_pieces(what + ", hex", hex(bytes));
    const auto characters = characters_of(der, bytes);
    add_pieces(what + ", base64", characters);
    for (std::size_t at = 0; kubeconfig && at < characters.size(); at += 32)
      add_pieces(what + ", twice base64", characters_of(pem, characters.substr(at, 32)));
  }
}

KeyFragments::Hit KeyFragments::find(std::string_view memory, std::size_t from) const {
  for (std::size_t at = from; at + piece <= memory.size(); ++at) {
    const auto start = start_of(memory.data() + at);
    if (!filter_[filter_place(start)]) continue;
    const auto [first, last] = by_start_.equal_range(start);
    for (auto one = first; one != last; ++one)
      if (memory.compare(at, piece, fragments_[one->second].bytes) == 0) return {at, &fragments_[one->second]};
  }
  return {};
}

}  // namespace faults
