// SPDX-License-Identifier: Apache-2.0
#include "verbs/row_files.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "model/place.hpp"
#include "old_pki.hpp"

using pki::File;
using pki::verbs::NewCertificate;

namespace {

pki::Certificate certificate(const std::string& name) { return {.pem = name + "\n", .common_name = name}; }

const pki::PrivateKey& key() {
  static const auto made = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  return made;
}

pki::Entry place(std::string_view row) {
  return pki::model::place_of(pki::default_catalog().find_row(row), old::layout());
}

std::string text_of(const File& file) { return {file.content.begin(), file.content.end()}; }

/// Returns an inventory with a kubeconfig of the row admin.conf that trusts `trusted`.
pki::Inventory with_kubeconfig(const old::Pair& ca, const std::string& trusted) {
  old::Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, "admin"}};
  wish.usages = "clientAuth";
  const auto user = old::ec_key();
  old::Files files;
  old::put(files, "ca", ca);
  old::put_kubeconfig(files, "admin.conf", {old::make(wish, user, ca.certificate, ca.key), user}, trusted);
  return old::inventory_of(files);
}

old::Pair root(const std::string& name) {
  old::Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, name}};
  wish.ca = true;
  const auto made = old::ec_key();
  return {old::make(wish, made), made};
}

}  // namespace

TEST_CASE("a key pair is a public certificate with its chain, and a secret key") {
  const auto leaf = certificate("leaf");
  const std::vector chain{certificate("lower"), certificate("upper")};
  const std::vector trusted{certificate("ca")};
  const auto files = pki::verbs::new_files(place("etcd-peer"), {leaf, chain, trusted, key()}, "c", "s");
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "/k/pki/etcd/peer.crt");
  CHECK(files[0].mode == 0644);
  CHECK(text_of(files[0]) == "leaf\nlower\nupper\n");
  CHECK(files[1].path == "/k/pki/etcd/peer.key");
  CHECK(files[1].mode == 0600);
  CHECK(files[1].content == key().pem());
}

TEST_CASE("a key that is on disk already is not written again") {
  const auto leaf = certificate("leaf");
  const NewCertificate made{leaf, {}, {}, key(), false};
  for (const auto& files : {pki::verbs::new_files(place("apiserver"), made, "", ""),
                            pki::verbs::replaced_files(place("apiserver"), made)}) {
    REQUIRE(files.size() == 1);
    CHECK(files[0].path == "/k/pki/apiserver.crt");
  }
}

TEST_CASE("a kubeconfig is one secret file with everything in it") {
  const auto leaf = certificate("leaf");
  const std::vector chain{certificate("lower")};
  const std::vector trusted{certificate("ca"), certificate("root")};
  const auto files =
      pki::verbs::new_files(place("admin.conf"), {leaf, chain, trusted, key()}, "here", "https://a:6443");
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "/k/admin.conf");
  CHECK(files[0].mode == 0600);
  const auto text = text_of(files[0]);
  CHECK_THAT(text, contains("server: https://a:6443") && contains("name: here") && contains("name: leaf"));
  CHECK_THAT(text, contains(old::base64("leaf\nlower\n")));
  CHECK_THAT(text, contains(old::base64("ca\nroot\n")));
  CHECK_THAT(text, contains(old::base64(std::string(key().pem().begin(), key().pem().end()))));
}

TEST_CASE("a kubeconfig that is replaced keeps everything else, and trusts the CA on disk beside those it trusted") {
  const auto ca = root("ca");
  const auto former = root("former");
  const auto leaf = certificate("leaf");
  for (const bool knows : {true, false}) {
    CAPTURE(knows);
    const auto trusted = knows ? old::pem_of(ca.certificate) : old::pem_of(former.certificate);
    const auto inventory = with_kubeconfig(ca, trusted);
    const auto& entry = inventory.find("admin.conf");
    const auto files = pki::verbs::replaced_files(entry, {leaf, {}, inventory.find("ca").certificates, key()});
    REQUIRE(files.size() == 1);
    CHECK(files[0].path == entry.path);
    CHECK(files[0].mode == 0600);
    const auto text = text_of(files[0]);
    CHECK_THAT(text, contains("# ours, do not touch") && contains("x-unknown: [1, 2]") && contains("token: \"abc\""));
    CHECK_THAT(text, contains(old::base64("leaf\n")));
    CHECK_THAT(text, contains(old::base64(knows ? trusted : old::pem_of(ca.certificate) + trusted)));
  }
}
