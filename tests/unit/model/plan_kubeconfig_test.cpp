// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::plan_init;

namespace {

constexpr const char* kubeconfigs[] = {"admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf",
                                       "scheduler.conf"};

pki::Certificate another_ca() {
  auto ca = certificate(pki::default_catalog().find_row("ca"), config());
  ca.pem = "certificate of another";
  ca.subject = "CN=another";
  ca.serial = "7";
  return ca;
}

// Points at a CA file instead of embedding it; an empty file: names no CA at all.
void point_to_ca(pki::Entry& entry, const std::string& file) {
  entry.kubeconfig->ca_certificates.clear();
  entry.kubeconfig->ca_file = file;
}

// What the kubelet makes of its file once it has joined.
void point_to_files(pki::Entry& entry) {
  entry.certificates.clear();
  entry.key.reset();
  entry.signed_by_issuer = false;
  entry.kubeconfig->client_certificate_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";
}

}  // namespace

TEST_CASE("a kubeconfig that trusts another CA is a conflict that names that CA") {
  for (const auto* name : kubeconfigs) {
    auto inventory = sound(config());
    at(inventory, name).kubeconfig->ca_certificates = {another_ca()};
    const auto plan = plan_init(config(), inventory, now);
    const auto conflict = one(plan.conflicts);
    CHECK(conflict.subject == "/k/" + std::string(name));
    CHECK_THAT(conflict.message, contains("trusts another CA than /k/pki/ca.crt") && contains("CN=another, serial 7"));
    CHECK_THAT(to_text(conflict.remedy), contains("move /k/"));
  }
}

TEST_CASE("a kubeconfig may trust further CAs beside the cluster's") {
  auto inventory = sound(config());
  auto& trusted = at(inventory, "admin.conf").kubeconfig->ca_certificates;
  trusted.insert(trusted.begin(), another_ca());
  CHECK(listed(plan_init(config(), inventory, now).conflicts).empty());
}

TEST_CASE("a kubeconfig that points at a CA file is not judged by it") {
  auto inventory = sound(config());
  at(inventory, "admin.conf").kubeconfig->ca_certificates.clear();
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK_FALSE(plan.changes());
}

TEST_CASE("a kubeconfig with another server is kept, with a warning that names both") {
  for (const auto* name : kubeconfigs) {
    auto inventory = sound(config());
    const auto expected = inventory.find(name).kubeconfig->server;
    at(inventory, name).kubeconfig->server = "https://old.example:6443";
    const auto plan = plan_init(config(), inventory, now);
    CHECK(listed(plan.conflicts).empty());
    CHECK(names(plan, Action::keep) == every_row);
    CHECK(listed(plan.warnings) ==
          "/k/" + std::string(name) + ": server is https://old.example:6443, expected " + expected + "\n");
    CHECK_FALSE(plan.changes());
  }
}

TEST_CASE("a kubeconfig whose client key is not that of its client certificate is a conflict") {
  for (const auto* name : kubeconfigs) {
    CAPTURE(name);
    auto inventory = sound(config());
    at(inventory, name).key = key("another");
    const auto conflict = one(plan_init(config(), inventory, now).conflicts);
    CHECK(conflict.subject == "/k/" + std::string(name));
    CHECK_THAT(conflict.message, contains("client key does not match"));
    CHECK_THAT(to_text(conflict.remedy), contains("move /k/"));
  }
}

TEST_CASE("a kubeconfig that points to the CA file of the cluster is valid") {
  for (const auto* file : {"/k/pki/ca.crt", "pki/ca.crt", "/k/./pki/ca.crt"}) {
    auto inventory = sound(config());
    point_to_ca(at(inventory, "admin.conf"), file);
    const auto plan = plan_init(config(), inventory, now);
    CHECK(listed(plan.conflicts).empty());
    CHECK(listed(plan.warnings).empty());
  }
}

TEST_CASE("a kubeconfig that points to another CA file, or to none, is kept with a warning") {
  for (const auto& [file, message] : {std::pair{"/elsewhere/ca.crt", "trusts the CA in /elsewhere/ca.crt"},
                                      std::pair{"", "names no CA, expected that in /k/pki/ca.crt"}}) {
    auto inventory = sound(config());
    point_to_ca(at(inventory, "admin.conf"), file);
    const auto plan = plan_init(config(), inventory, now);
    CHECK(listed(plan.conflicts).empty());
    CHECK(one(plan.warnings).subject == "/k/admin.conf");
    CHECK_THAT(one(plan.warnings).message, contains(message));
    CHECK((step(plan, "admin.conf").action() == Action::keep));
  }
}

TEST_CASE("a kubeconfig that points to its credentials is kept, and the plan says where they are") {
  auto inventory = sound(config());
  point_to_files(at(inventory, "kubelet.conf"));
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK((step(plan, "kubelet.conf").action() == Action::keep));
  CHECK(step(plan, "kubelet.conf").reason == "points to /var/lib/kubelet/pki/kubelet-client-current.pem");
  CHECK_FALSE(plan.changes());
}

TEST_CASE("a kubeconfig that points to its credentials is still judged by its CA and its server") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "kubelet.conf");
  point_to_files(entry);
  entry.kubeconfig->ca_certificates = {another_ca()};
  entry.kubeconfig->server = "https://old.example:6443";
  const auto plan = plan_init(config(), inventory, now);
  CHECK_THAT(one(plan.conflicts).message, contains("trusts another CA"));
  CHECK_THAT(one(plan.warnings).message, contains("https://old.example:6443"));
  CHECK(step(plan, "kubelet.conf").reason == "conflict");
}

TEST_CASE("what a reader could not find in a kubeconfig is a conflict and not replaced") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "admin.conf");
  entry.certificates.clear();
  entry.key.reset();
  entry.problems = {{pki::Rule::credentials_missing, pki::Severity::error, "/k/admin.conf",
                     "no client certificate for user kubernetes-admin, expected one"}};
  const auto plan = plan_init(config(), inventory, now);
  CHECK((one(plan.conflicts) == entry.problems.front()));
  CHECK(names(plan, Action::create).empty());
}

TEST_CASE("a service account key without its public half gets it, from the key that is there") {
  auto inventory = sound(config());
  lose_certificate(at(inventory, "sa"));
  const auto plan = plan_init(config(), inventory, now);
  CHECK((step(plan, "sa").action() == Action::complete));
  CHECK(step(plan, "sa").reason == "public key missing");
  CHECK(step(plan, "sa").algorithm() == "ECDSA-P256");
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK(plan.changes());
}

TEST_CASE("a service account public key that is not that of the key is a conflict at the key") {
  auto inventory = sound(config());
  at(inventory, "sa").public_key_sha256 = "another";
  const auto conflict = one(plan_init(config(), inventory, now).conflicts);
  CHECK(conflict.subject == "/k/pki/sa.key");
  CHECK_THAT(conflict.message, contains("does not match the public key in /k/pki/sa.pub"));
}

TEST_CASE("a service account public key without its key is a conflict, because tokens were signed with it") {
  auto inventory = sound(config());
  lose_key(at(inventory, "sa"));
  const auto plan = plan_init(config(), inventory, now);
  const auto conflict = one(plan.conflicts);
  CHECK(conflict.subject == "/k/pki/sa.pub");
  CHECK_THAT(conflict.message, contains("public key without its key, expected /k/pki/sa.key"));
  CHECK(names(plan, Action::create).empty());
}

TEST_CASE("a service account key that does not parse is a conflict and its public half is not written") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "sa");
  lose_certificate(entry);
  entry.key.reset();
  entry.problems = {{pki::Rule::malformed, pki::Severity::error, "/k/pki/sa.key", "no private key in 0 bytes"}};
  const auto plan = plan_init(config(), inventory, now);
  CHECK((one(plan.conflicts) == entry.problems.front()));
  CHECK((step(plan, "sa").action() == Action::keep));
}
