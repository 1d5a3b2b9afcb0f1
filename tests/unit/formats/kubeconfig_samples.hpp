// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/secret.hpp>

#include "base/base64.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "support/catch.hpp"

/// Kubeconfigs for the tests of this folder.
namespace sample {

inline constexpr const char* ca = "-----CA-----\n";
inline constexpr const char* crt = "-----CERTIFICATE-----\n";
inline constexpr const char* key = "-----A VERY LONG PRIVATE KEY INDEED-----\n";

inline std::string plain(const pki::SecretString& text) { return std::string(text.data(), text.size()); }

/// A kubeconfig around a user's fields; the current context leads to the second cluster and user.
inline std::string around(const std::string& user) {
  return "apiVersion: v1\nkind: Config\n# a comment: token: abc\ncurrent-context: me@prod\nclusters:\n"
         "- name: other\n  cluster: {server: \"https://other:1\", certificate-authority: /o/ca.crt}\n"
         "- name: prod\n  cluster:\n    server: https://10.0.0.1:6443 # here\n    certificate-authority-data: " +
         pki::base::to_base64(ca) +
         "\ncontexts:\n- {name: me@prod, context: {cluster: prod, user: me, namespace: x}}\n"
         "users:\n- name: token-user\n  user:\n    token: s3cret-token\n- name: me\n" +
         user + "preferences: {}\n";
}

/// Each way of writing the two values that we know.
inline std::vector<std::string> forms() {
  const auto c = pki::base::to_base64(crt);
  const auto k = pki::base::to_base64(key);
  const auto begin = k.substr(0, 20);
  const auto end = k.substr(20);
  const std::string user = "  user:\n    client-certificate-data: " + c + "\n    client-key-data: ";
  return {
      user + k + "\n",
      user + k + " # the key\n",
      user + k + "\r\n",
      user + '"' + k + "\"\n",
      user + '\'' + k + "'\n",
      user + "\n      " + k + "\n",
      user + begin + "\n\n      " + end + "\n",
      user + '"' + begin + "\\\n      " + end + "\"\n",
      user + '"' + begin + "\n\n      " + end + "\"\n",
      user + '"' + begin + "\\n" + end + "\"\n",
      user + "|\n      " + begin + "\n      " + end + "\n",
      user + ">-\n\n      " + begin + "\n\n      " + end + "\n\n",
      user + ">\n      " + k + "\n",
      user + "|2 # c\n      " + begin + "\n      " + end + "\n",
      "  user: {client-key-data: " + k + ", client-certificate-data: " + c + "}\n",
      "  user: {\"client-key-data\":\"" + k + "\",\"client-certificate-data\":\"" + c + "\"}\n",
      "  user: {\n    client-certificate-data: " + c + ",\n    client-key-data: " + k + "\n  }\n",
      "  user:\n    \"client-key-data\": " + k + "\n    'client-certificate-data' : " + c + "\n",
      "  user:\n    ? client-key-data\n    : " + k + "\n    ? client-certificate-data\n    : " + c + "\n",
      "  user:\n    client-certificate-data: " + c +
          "\n    password: it's \"so\", {really}\n    client-key-data: " + k + "\n",
  };
}

/// Ways of writing the key that put a blank into its base64: Go's decoder refuses that.
inline std::vector<std::string> folded_forms() {
  const auto k = pki::base::to_base64(key);
  const auto begin = k.substr(0, 20);
  const auto end = k.substr(20);
  const std::string user =
      "  user:\n    client-certificate-data: " + pki::base::to_base64(crt) + "\n    client-key-data: ";
  return {
      user + "# below\n      " + begin + "\n      " + end + "\n",
      user + begin + "\n      " + end + "\n\n",
      user + '"' + begin + "\n      " + end + "\"\n",
      user + '\'' + begin + "\n      " + end + "'\n",
      user + '"' + begin + " " + end + "\"\n",
      user + '"' + k + " \"\n",
      user + ">-\n      " + begin + "\n      " + end + "\n",
      user + "|\n      " + begin + "\n       " + end + "\n",
      user + "|\n      " + begin + "\t\n      " + end + "\n",
  };
}

/// Both, for what must hold whether the key can be read or not.
inline std::vector<std::string> all_forms() {
  auto all = forms();
  const auto folded = folded_forms();
  all.insert(all.end(), folded.begin(), folded.end());
  return all;
}

/// Returns the error of a kubeconfig that is not read; empty for one that is.
inline std::string error_of(const std::string& text) {
  try {
    (void)pki::formats::parse_kubeconfig(pki::SecretString(text), "admin.conf");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::malformed);
    CHECK(error.subject() == "admin.conf");
    return error.what();
  }
  return "";
}

}  // namespace sample
