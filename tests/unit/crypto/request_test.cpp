// SPDX-License-Identifier: Apache-2.0
#include "crypto/request.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <support/catch.hpp>

#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/name.hpp"
#include "repacked.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::CertificateRequest;
using pki::GeneralName;
using pki::parse_requests;
using pki::PrivateKey;
using pki::Profile;
using pki::crypto::make_request;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;
namespace der = pki::crypto::der;

namespace {

struct Free {
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(STACK_OF(X509_EXTENSION) * list) const { sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> bio_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// Read is a request as OpenSSL reads it.
class Read {
 public:
  explicit Read(const std::string& pem)
      : request_(PEM_read_bio_X509_REQ(bio_of(pem).get(), nullptr, nullptr, nullptr)),
        extensions_(X509_REQ_get_extensions(request_.get())) {}

  [[nodiscard]] bool verifies() const {
    return X509_REQ_verify(request_.get(), X509_REQ_get0_pubkey(request_.get())) == 1;
  }
  [[nodiscard]] long version() const { return X509_REQ_get_version(request_.get()); }
  [[nodiscard]] std::string name(int nid) const {
    char text[512] = "";
    X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request_.get()), nid, text, sizeof text);
    return text;
  }
  /// Returns an extension as the openssl command prints it, with an exclamation mark where it is critical.
  [[nodiscard]] std::string extension(int nid) const {
    const auto at = X509v3_get_ext_by_NID(extensions_.get(), nid, -1);
    if (at < 0) return "(none)";
    auto* found = X509v3_get_ext(extensions_.get(), at);
    const Owned<BIO> bio(BIO_new(BIO_s_mem()));
    X509V3_EXT_print(bio.get(), found, 0, 0);
    return text_of(bio.get()) + (X509_EXTENSION_get_critical(found) != 0 ? "!" : "");
  }
  [[nodiscard]] int number_of_extensions() const { return X509v3_get_ext_count(extensions_.get()); }

 private:
  Owned<X509_REQ> request_;
  Owned<STACK_OF(X509_EXTENSION)> extensions_;
};

Owned<EVP_PKEY> openssl_key(const PrivateKey& key) {
  return Owned<EVP_PKEY>(
      PEM_read_bio_PrivateKey(bio_of({key.pem().data(), key.pem().size()}).get(), nullptr, nullptr, nullptr));
}

using Texts = std::vector<std::pair<int, const char*>>;

/// Returns a request that OpenSSL made: `extensions` are in its text form.
std::string made_by_openssl(const PrivateKey& key, const Texts& names, const Texts& extensions,
                            const char* password = nullptr) {
  const auto pkey = openssl_key(key);
  const Owned<X509_REQ> request(X509_REQ_new());
  auto* subject = X509_REQ_get_subject_name(request.get());
  for (const auto& [nid, value] : names)
    REQUIRE(X509_NAME_add_entry_by_NID(subject, nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value), -1,
                                       -1, 0) == 1);
  REQUIRE(X509_REQ_set_pubkey(request.get(), pkey.get()) == 1);
  if (password != nullptr)
    REQUIRE(X509_REQ_add1_attr_by_NID(request.get(), NID_pkcs9_challengePassword, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(password), -1) == 1);
  const Owned<STACK_OF(X509_EXTENSION)> list(sk_X509_EXTENSION_new_null());
  for (const auto& [nid, value] : extensions)
    sk_X509_EXTENSION_push(list.get(), X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
  if (!extensions.empty()) REQUIRE(X509_REQ_add_extensions(request.get(), list.get()) == 1);
  const auto* digest = EVP_PKEY_get_id(pkey.get()) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  REQUIRE(X509_REQ_sign(request.get(), pkey.get(), digest) > 0);
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1);
  return text_of(bio.get());
}

/// HandMade is a request octet by octet, signed whatever it says.
struct HandMade {
  std::string version = der::write_unsigned({});
  std::vector<std::string> attributes{};
  bool has_attributes{true};

  [[nodiscard]] std::string pem() const {
    const crypto::SigningKey key(a_key());
    std::string list;
    for (const auto& attribute : attributes)
      list += attribute;
    const auto info =
        der::write(der::sequence, {version, crypto::to_subject_der("x", {}), key.public_key().spki,
                                   has_attributes ? der::write(der::constructed(0), {list}) : std::string()});
    return crypto::to_pem("CERTIFICATE REQUEST", der::write(der::sequence, {info, key.signature_algorithm(),
                                                                            der::write_bits(key.sign(info))}));
  }
};

std::string attribute(std::string_view oid, const std::string& values) {
  return der::write(der::sequence, {der::write(der::object_id, {oid}), der::write(der::set, {values})});
}

constexpr std::string_view extension_request{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9};
constexpr std::string_view unstructured_name{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02", 9};

std::string requested_extensions(const std::string& dns_name = "a.example") {
  auto spec = spec_of(Profile::server, "x");
  spec.sans = {{Kind::dns, dns_name}};
  return attribute(extension_request, crypto::write_extensions(spec, false, {}, {}, false));
}

CertificateRequest parse_one(const std::string& pem) {
  auto requests = parse_requests(pem, "in.csr");
  REQUIRE(requests.size() == 1);
  return std::move(requests.front());
}

/// Returns the message of the refusal of a text, or an empty one; every refusal is Error(malformed) about the file.
std::string refusal(const std::string& pem) {
  const auto error = error_of([&] { (void)parse_requests(pem, "in.csr"); });
  if (!error) return "";
  CHECK(error->code() == pki::Errc::malformed);
  CHECK(error->subject() == "in.csr");
  return error->message();
}

pki::CertSpec server_spec() {
  auto spec = spec_of(Profile::server, "kube-apiserver");
  spec.organizations = {"a group"};
  spec.sans = {{Kind::dns, "cp-1"}, {Kind::dns, "*.example"}, {Kind::ip, "192.0.2.1"}, {Kind::ip, "2001:db8::1"}};
  return spec;
}

const CertificateRequest& a_request() {
  static const auto made = make_request(server_spec(), a_key());
  return made;
}

}  // namespace

TEST_CASE("OpenSSL reads a request for each kind of key as it was meant, and verifies it") {
  struct Row {
    PrivateKey key;
    const char* algorithm;
    const char* key_usage;
  };
  const Row rows[] = {
      {pki::generate_private_key(pki::KeyAlgorithm::rsa_2048), "RSA-2048", "Digital Signature, Key Encipherment!"},
      {pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256), "ECDSA-P256", "Digital Signature!"},
      {pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384), "ECDSA-P384", "Digital Signature!"},
      {pki::parse_private_key(samples::sec1_p521, "key"), "ECDSA-P521", "Digital Signature!"},
      {pki::parse_private_key(samples::pkcs8_ed25519, "key"), "ED25519", "Digital Signature!"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.algorithm);
    const auto made = make_request(server_spec(), row.key);
    const Read read(made.pem);
    CHECK(read.verifies());
    CHECK(read.version() == 0);
    CHECK(read.name(NID_commonName) == "kube-apiserver");
    CHECK(read.name(NID_organizationName) == "a group");
    CHECK(read.extension(NID_subject_alt_name) ==
          "DNS:cp-1, DNS:*.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1");
    CHECK(read.extension(NID_key_usage) == row.key_usage);
    CHECK(read.extension(NID_ext_key_usage) == "TLS Web Server Authentication");
    CHECK(read.extension(NID_basic_constraints) == "CA:FALSE!");
    CHECK(read.extension(NID_subject_key_identifier) == "(none)");
    CHECK(read.number_of_extensions() == 4);
    CHECK(made.key_algorithm == row.algorithm);
    CHECK(made.public_key_sha256 == row.key.public_key_sha256());
  }
}

TEST_CASE("each profile asks for its usages") {
  struct Row {
    Profile profile;
    const char* usages;
    std::vector<std::string> read;
  };
  const Row rows[] = {
      {Profile::client, "TLS Web Client Authentication", {"clientAuth"}},
      {Profile::server, "TLS Web Server Authentication", {"serverAuth"}},
      {Profile::peer, "TLS Web Server Authentication, TLS Web Client Authentication", {"serverAuth", "clientAuth"}},
  };
  for (const auto& [profile, usages, facts] : rows) {
    CAPTURE(usages);
    const auto made = make_request(spec_of(profile, "x"), a_key());
    CHECK(Read(made.pem).extension(NID_ext_key_usage) == usages);
    CHECK(Read(made.pem).extension(NID_subject_alt_name) == "(none)");
    CHECK(made.extended_key_usages == facts);
    CHECK(made.sans.empty());
  }
}

TEST_CASE("the names of a request without a subject are critical, as in its certificate") {
  auto spec = spec_of(Profile::server, "");
  spec.subject_der = "\x30\0"s;
  spec.sans = {{Kind::dns, "a.example"}};
  const auto made = make_request(spec, a_key());
  CHECK(Read(made.pem).extension(NID_subject_alt_name) == "DNS:a.example!");
  CHECK(made.common_name.empty());
}

TEST_CASE("a request is read back with all its facts") {
  const auto& made = a_request();
  CHECK(parse_one(made.pem) == made);
  CHECK(made.subject_der == crypto::to_subject_der("kube-apiserver", {"a group"}));
  CHECK(made.common_name == "kube-apiserver");
  CHECK(made.organizations == std::vector<std::string>{"a group"});
  CHECK(made.sans == server_spec().sans);
  CHECK_FALSE(made.is_ca);
  CHECK_THAT(made.subject, contains("kube-apiserver") && contains("a group"));
  const auto key = crypto::public_key_of(made);
  CHECK(key.spki == crypto::public_key_of(a_key()).spki);
  CHECK(key.algorithm == "ECDSA-P256");
  CHECK(key.sha256 == a_key().public_key_sha256());
}

TEST_CASE("a subject of a found certificate is requested octet by octet") {
  auto spec = spec_of(Profile::client, "ignored");
  const auto name = der::write(
      der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}), der::write(der::printable_string, {"p"})});
  spec.subject_der = der::write(der::sequence, {der::write(der::set, {name})});
  CHECK(make_request(spec, a_key()).subject_der == spec.subject_der);
  spec.subject_der = "not a name";
  const auto error = error_of([&] { (void)make_request(spec, a_key()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::invalid_config);
}

TEST_CASE("names beyond what a request may hold are an error of the configuration") {
  auto spec = spec_of(Profile::server, "x");
  for (int i = 0; i < 3000; ++i)
    spec.sans.push_back({Kind::dns, std::to_string(i) + std::string(20, 'a') + ".example"});
  const auto error = error_of([&] { (void)make_request(spec, a_key()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::invalid_config);
  CHECK_THAT(error->message(), contains("expected at most 65536"));
}

TEST_CASE("requests that OpenSSL made are read") {
  const Texts names{{NID_countryName, "DE"},
                    {NID_organizationName, "one"},
                    {NID_organizationName, "two"},
                    {NID_commonName, "someone"}};
  const Texts extensions{{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "digitalSignature"},
                         {NID_ext_key_usage, "clientAuth,codeSigning"},
                         {NID_subject_alt_name, "DNS:a.example,IP:192.0.2.7,email:a@example,URI:spiffe://x"}};
  for (const auto* sample : {samples::pkcs8_p256, samples::sec1_p521, samples::pkcs8_ed25519}) {
    const auto key = pki::parse_private_key(sample, "key");
    CAPTURE(key.algorithm());
    const auto found = parse_one(made_by_openssl(key, names, extensions));
    CHECK(found.common_name == "someone");
    CHECK(found.organizations == std::vector<std::string>{"one", "two"});
    CHECK(found.extended_key_usages == std::vector<std::string>{"clientAuth", "1.3.6.1.5.5.7.3.3"});
    CHECK(found.sans == std::vector<GeneralName>{{Kind::dns, "a.example"},
                                                 {Kind::ip, "192.0.2.7"},
                                                 {Kind::email, "a@example"},
                                                 {Kind::uri, "spiffe://x"}});
    CHECK_FALSE(found.is_ca);
    CHECK(found.key_algorithm == key.algorithm());
    CHECK(found.public_key_sha256 == key.public_key_sha256());
  }
}

TEST_CASE("a weak key is read, and named for the one who decides") {
  const auto found = parse_one(
      made_by_openssl(pki::parse_private_key(samples::pkcs8_rsa_1024, "key"), {{NID_commonName, "weak"}}, {}));
  CHECK(found.key_algorithm == "RSA-1024");
  CHECK(found.sans.empty());
  CHECK(found.extended_key_usages.empty());
}

TEST_CASE("a request for a CA is seen") {
  CHECK(parse_one(made_by_openssl(a_key(), {{NID_commonName, "ca"}}, {{NID_basic_constraints, "critical,CA:TRUE"}}))
            .is_ca);
  CHECK(make_request(spec_of(Profile::ca, "ca"), a_key()).is_ca);
}

TEST_CASE("attributes that are no extensions are ignored") {
  const auto found =
      parse_one(made_by_openssl(a_key(), {{NID_commonName, "x"}}, {{NID_subject_alt_name, "DNS:a"}}, "a password"));
  CHECK(found.sans == std::vector<GeneralName>{{Kind::dns, "a"}});
  const auto text = der::write(der::utf8_string, {"text"});
  const auto hand_made = HandMade{
      .attributes = {attribute(unstructured_name, text), requested_extensions(), attribute(unstructured_name, text)}};
  CHECK(parse_one(hand_made.pem()).sans == std::vector<GeneralName>{{Kind::dns, "a.example"}});
}

TEST_CASE("a request without extensions or without attributes asks for a subject alone") {
  CHECK(parse_one(HandMade{}.pem()).sans.empty());
  CHECK(parse_one(HandMade{.has_attributes = false}.pem()).common_name == "x");
}

TEST_CASE("odd structures that are signed all the same are refused") {
  const auto empty = attribute(extension_request, "");
  const auto two = attribute(extension_request, der::write(der::sequence, {}) + der::write(der::sequence, {}));
  struct Row {
    const char* name;
    HandMade request;
    const char* says;
  };
  const Row rows[] = {
      {"version 2", {.version = der::write_unsigned("\x01")}, "an unknown version"},
      {"no integer", {.version = der::write(der::octet_string, {""})}, "version"},
      {"two lists",
       {.attributes = {requested_extensions(), requested_extensions("b.example")}},
       "two lists of requested extensions"},
      {"no value", {.attributes = {empty}}, ""},
      {"two values", {.attributes = {two}}, "requested extensions"},
      {"no list", {.attributes = {attribute(extension_request, der::write(der::null, {}))}}, ""},
      {"no attribute", {.attributes = {der::write(der::null, {})}}, "attribute"},
      {"more than an attribute",
       {.attributes = {der::write(der::sequence, {der::write(der::object_id, {extension_request}),
                                                  der::write(der::set, {}), der::write(der::null, {})})}},
       "attribute"},
  };
  CHECK(parse_one(HandMade{.attributes = {requested_extensions()}}.pem()).sans.size() == 1);
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto message = refusal(row.request.pem());
    CHECK_THAT(message, contains("request 1 is not valid") && contains(row.says));
  }
}

TEST_CASE("a request with one bit changed, wherever it is, is refused") {
  const auto size = [] {
    std::size_t octets = 0;
    (void)repacked(a_request().pem, [&](std::string& request) { octets = request.size(); });
    return octets;
  }();
  REQUIRE(size > 300);
  for (std::size_t i = 0; i < size; ++i) {
    const auto changed = repacked(a_request().pem, [&](std::string& request) {
      request[i] = static_cast<char>(static_cast<unsigned char>(request[i]) ^ (1U << i % 8));
    });
    CAPTURE(i);
    CHECK_THAT(refusal(changed), contains("request 1 is not valid"));
  }
}

TEST_CASE("a request with the key or the signature of another one is refused for its signature") {
  const auto other_key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  const auto swap = [&](const std::string& from, const std::string& to) {
    return repacked(a_request().pem, [&](std::string& request) {
      const auto at = request.find(from);
      REQUIRE(at != std::string::npos);
      request.replace(at, from.size(), to);
    });
  };
  const auto message = "its signature is not that of its public key";
  CHECK_THAT(refusal(swap(crypto::public_key_of(a_key()).spki, crypto::public_key_of(other_key).spki)),
             contains(message));
  CHECK_THAT(refusal(swap("kube-apiserver", "kube-apiservex")), contains(message));
  CHECK_THAT(refusal(swap("*.example", "a.example")), contains(message));
}

TEST_CASE("a request that was cut off is refused at each length") {
  const auto& pem = a_request().pem;
  for (std::size_t size = 0; size + 1 < pem.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(refusal(pem.substr(0, size)).empty());
  }
  CHECK(parse_one(pem.substr(0, pem.size() - 1)) == a_request());
  std::size_t octets = 1;
  for (std::size_t size = 0; size < octets; ++size) {
    const auto cut = repacked(pem, [&](std::string& request) {
      octets = request.size();
      request.resize(size);
    });
    CAPTURE(size);
    CHECK_FALSE(refusal(cut).empty());
  }
  const auto longer = repacked(pem, [](std::string& request) { request += '\0'; });
  CHECK_THAT(refusal(longer), contains("request 1 is not valid"));
}

TEST_CASE("a text without a request is refused") {
  const auto& other = samples::public_p256;
  for (const std::string& text :
       {""s, "hello"s, std::string(other), self_sign(spec_of(Profile::ca, "ca"), a_key()).pem})
    CHECK_THAT(refusal(text), contains("no request found"));
  CHECK_THAT(refusal("-----BEGIN CERTIFICATE REQUEST-----\n!!!!\n-----END CERTIFICATE REQUEST-----\n"),
             contains("request 1 is not base64"));
  CHECK_THAT(refusal("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"),
             contains("request 1 is not valid"));
  CHECK_THAT(
      refusal(a_request().pem + "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"),
      contains("request 2 is not valid"));
}

TEST_CASE("each request of a text is read, under both labels, whatever is between them") {
  const auto other = make_request(spec_of(Profile::client, "other"), a_key());
  auto old_label = other.pem;
  for (const auto* const mark : {"BEGIN ", "END "})
    old_label.insert(old_label.find(mark) + std::string_view(mark).size(), "NEW ");
  const auto text = "text before\n" + a_request().pem + samples::public_p256 + "\n" + old_label;
  CHECK(parse_requests(text, "in.csr") == std::vector<CertificateRequest>{a_request(), other});
}

TEST_CASE("a request may have 64 KiB and a text a MiB") {
  const auto padded = [](std::size_t size) {
    return HandMade{
        .attributes = {attribute(unstructured_name, der::write(der::utf8_string, {std::string(size, 'x')}))}}
        .pem();
  };
  CHECK(parse_one(padded(65'000)).common_name == "x");
  CHECK_THAT(refusal(padded(65'600)), contains("expected at most 65536"));
  CHECK_THAT(refusal(a_request().pem + std::string(1024 * 1024, ' ')), contains("expected at most 1048576"));
}

TEST_CASE("the public key of a request without its text is an error") {
  for (const auto* const pem :
       {"", "x", "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"}) {
    auto request = a_request();
    request.pem = pem;
    const auto error = error_of([&] { (void)crypto::public_key_of(request); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
  }
}

TEST_CASE("reading requests leaves no error of OpenSSL behind") {
  ERR_clear_error();
  (void)refusal(repacked(a_request().pem, [](std::string& request) { request.back() ^= 1; }));
  CHECK(ERR_peek_error() == 0);
}
