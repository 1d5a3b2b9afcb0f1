// SPDX-License-Identifier: Apache-2.0
#include "validity.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

namespace faults {

namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio reader(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool complete(const std::string& pem) { return !pem.empty() && pem.back() == '\n'; }

/// Known caches parsed texts: nearly all files of nearly all states are those of the state before, and OpenSSL's parser
/// costs more than all else here. A text that does not parse is cached as null.
template <class Owner>
class Known {
 public:
  explicit Known(Owner (*parse)(const std::string& text)) : parse_(parse) {}

  std::shared_ptr<typename Owner::element_type> operator()(const std::string& text) {
    constexpr std::size_t most = 1000;
    const auto found = known_.find(text);
    if (found != known_.end()) return found->second;
    if (known_.size() >= most) known_.clear();
    return known_[text] = parse_(text);
  }

 private:
  Owner (*parse_)(const std::string& text);
  std::unordered_map<std::string, std::shared_ptr<typename Owner::element_type>> known_;
};

std::shared_ptr<X509> parse_certificate(const std::string& pem) {
  static Known<Certificate> known([](const std::string& text) {
    return Certificate(PEM_read_bio_X509(reader(text).get(), nullptr, nullptr, nullptr));
  });
  return known(pem);
}

std::shared_ptr<EVP_PKEY> parse_key(const std::string& pem) {
  static Known<Key> known([](const std::string& text) {
    return Key(PEM_read_bio_PrivateKey(reader(text).get(), nullptr, nullptr, nullptr));
  });
  return known(pem);
}

// Both are kept alive by whoever asks; a pair that was good stays so as long as these very two are known.
bool is_signed_by(const std::shared_ptr<X509>& certificate, const std::shared_ptr<X509>& issuer) {
  using Pair = std::pair<std::weak_ptr<X509>, std::weak_ptr<X509>>;
  static std::map<std::pair<const X509*, const X509*>, Pair> good;
  const auto key = std::pair<const X509*, const X509*>(certificate.get(), issuer.get());
  const auto found = good.find(key);
  if (found != good.end() && found->second.first.lock() == certificate && found->second.second.lock() == issuer)
    return true;
  if (X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) != 1) return false;
  constexpr std::size_t most = 10'000;
  if (good.size() >= most) good.clear();
  good[key] = {certificate, issuer};
  return true;
}

Key parse_public_key(const std::string& pem) {
  return Key(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr));
}

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size));
  while (!bytes.empty() && bytes.back() == '\0')
    bytes.pop_back();
  return bytes;
}

// The value after "NAME: ", to the end of its line.
std::string field(const std::string& yaml, const std::string& name) {
  const auto start = yaml.find(name + ": ");
  if (start == std::string::npos) return {};
  const auto from = start + name.size() + 2;
  return yaml.substr(from, yaml.find('\n', from) - from);
}

class Checker {
 public:
  Checker(const Visible& root, const std::vector<std::string>& elsewhere) : root_(root), elsewhere_(elsewhere) {}

  std::vector<std::string> run() {
    for (const auto& [name, content] : root_)
      check(name, content);
    ERR_clear_error();
    return std::move(wrong_);
  }

 private:
  void check(const std::string& name, const std::string& content) {
    if (!complete(content)) return say(name, "does not end with a line break, or is empty");
    const auto stem = name.substr(0, name.rfind('.'));
    if (name.ends_with(".crt"))
      check_certificate(name, stem, content);
    else if (name.ends_with(".key"))
      check_key(name, stem, content);
    else if (name.ends_with(".conf"))
      check_kubeconfig(name, content);
    else if (name.ends_with(".pub") && !parse_public_key(content))
      say(name, "is no public key");
  }

  void check_certificate(const std::string& name, const std::string& stem, const std::string& content) {
    const auto certificate = parse_certificate(content);
    if (!certificate) return say(name, "is no certificate");
    const auto key = stem + ".key";
    if (!root_.contains(key) && std::find(elsewhere_.begin(), elsewhere_.end(), key) == elsewhere_.end())
      say(name, "is there without its key");
    for (const char* ca : {"ca.crt", "front-proxy-ca.crt"}) {
      const auto found = root_.find(ca);
      if (found == root_.end()) continue;
      const auto issuer = parse_certificate(found->second);
      if (!issuer) continue;
      const bool named =
          X509_NAME_cmp(X509_get_issuer_name(certificate.get()), X509_get_subject_name(issuer.get())) == 0;
      if (named && !is_signed_by(certificate, issuer))
        say(name, std::string("is not signed by the ") + ca + " beside it");
    }
  }

  void check_key(const std::string& name, const std::string& stem, const std::string& content) {
    const auto key = parse_key(content);
    if (!key) return say(name, "is no private key");
    const auto certificate = root_.find(stem + ".crt");
    const auto public_key = root_.find(stem + ".pub");
    if (certificate == root_.end() && public_key == root_.end()) return say(name, "is there without its other half");
    if (certificate != root_.end()) {
      const auto parsed = parse_certificate(certificate->second);
      if (!parsed || X509_check_private_key(parsed.get(), key.get()) != 1) say(name, "does not match its certificate");
    } else {
      const auto parsed = parse_public_key(public_key->second);
      if (!parsed || EVP_PKEY_eq(parsed.get(), key.get()) != 1) say(name, "does not match its public key");
    }
  }

  void check_kubeconfig(const std::string& name, const std::string& content) {
    const auto certificate = parse_certificate(from_base64(field(content, "client-certificate-data")));
    const auto key = parse_key(from_base64(field(content, "client-key-data")));
    if (!certificate || !key) return say(name, "holds no client certificate and key");
    if (X509_check_private_key(certificate.get(), key.get()) != 1) say(name, "holds a key of another certificate");
    if (!parse_certificate(from_base64(field(content, "certificate-authority-data")))) say(name, "holds no CA");
  }

  void say(const std::string& name, const std::string& what) { wrong_.push_back(name + " " + what); }

  const Visible& root_;
  const std::vector<std::string>& elsewhere_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> find_invalid(const Visible& root, const std::vector<std::string>& elsewhere) {
  return Checker(root, elsewhere).run();
}

}  // namespace faults
