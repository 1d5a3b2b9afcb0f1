// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <pki/signer.hpp>

#include <support/catch.hpp>

#include "base/key_uri.hpp"

TEST_CASE("the URI of a key has a scheme, names something, and holds no PIN") {
  struct Row {
    std::string uri;
    std::string fault;  ///< how it begins; empty: none
  };
  const std::vector<Row> rows{
      {"file:/etc/keys/ca.pem", ""},
      {"file:///etc/keys/ca.pem", ""},
      {"pkcs11:token=ca;object=kubernetes?pin-source=file:/run/pin", ""},
      {"handle:0x81000001", ""},
      {"handle:0x81000001?pass", ""},
      {"object:/etc/keys/ca.obj", ""},
      {"cloud+kms:projects/a", ""},
      {"", "it has no scheme"},
      {"/etc/keys/ca.pem", "it has no scheme"},
      {"ca.pem", "it has no scheme"},
      {":/etc", "it has no scheme"},
      {"1file:/etc", "it has no scheme"},
      {"a b:/etc", "it has no scheme"},
      {"file:ca.pem", "its path is not absolute"},
      {"file:", "its path is not absolute"},
      {"file://host/etc/ca.pem", "its path is not absolute"},
      {"file:////etc/ca.pem", "its path is not absolute"},
      {"pkcs11:", "it names nothing"},
      {"pkcs11:token=ca?pin-value=1234", "it has a PIN"},
      {"pkcs11:token=ca?module-name=x&pin-value=1234", "it has a PIN"},
      {"pkcs11:pin-value=1234", "it has a PIN"},
      {"pkcs11:token=ca;PIN-Value=1234", "it has a PIN"},
      {"handle:0x81000001\n", "it has control characters"},
      {"file:/etc/\xff", "it is not UTF-8"},
  };
  for (const auto& [uri, fault] : rows) {
    CAPTURE(uri);
    const auto found = pki::check_key_uri(uri);
    if (fault.empty())
      CHECK(found.empty());
    else
      CHECK(found.starts_with(fault));
  }
}

TEST_CASE("the PIN in a URI is not shown, everything else is") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"pkcs11:token=ca", "pkcs11:token=ca"},
      {"pkcs11:token=ca?pin-value=1234", "pkcs11:token=ca?pin-value=..."},
      {"pkcs11:token=ca?pin-value=1234&module-name=x", "pkcs11:token=ca?pin-value=...&module-name=x"},
      {"pkcs11:a=b?PIN-VALUE=1&pin-value=2", "pkcs11:a=b?PIN-VALUE=...&pin-value=..."},
      {"pkcs11:pin-value=12;34", "pkcs11:pin-value=..."},
      {"pkcs11:token=pin-value=ca", "pkcs11:token=pin-value=ca"},
      {"pin-value=1234", "pin-value=1234"},
      {"", ""},
  };
  for (const auto& [uri, shown] : rows)
    CHECK(pki::shown_key_uri(uri) == shown);
}

TEST_CASE("a file: URI names an absolute path on this host") {
  CHECK(pki::base::file_of_uri("file:/a/b") == "/a/b");
  CHECK(pki::base::file_of_uri("file:///a/b") == "/a/b");
  for (const auto* other : {"file:a", "file://a/b", "file:", "handle:/a", "/a", ""})
    CHECK(pki::base::file_of_uri(other).empty());
}
