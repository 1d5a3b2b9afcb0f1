// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <pki/catalog.hpp>
#include <pki/error.hpp>

using pki::Form;
using pki::Naming;
using pki::Profile;

namespace {

struct Wanted {
  std::string_view name, issuer;
  Profile profile;
  Form form;
  std::string_view recommended_cn, kubeadm_cn, recommended_o, kubeadm_o, path;
  bool local_etcd;
};

// Typed by hand from the design's table, so that a slip in the source is not repeated here.
constexpr Wanted table[] = {
    {"ca", "", Profile::ca, Form::key_pair, "kubernetes-ca", "kubernetes", "", "", "ca", false},
    {"apiserver", "ca", Profile::server, Form::key_pair, "kube-apiserver", "kube-apiserver", "", "", "apiserver",
     false},
    {"apiserver-kubelet-client", "ca", Profile::client, Form::key_pair, "kube-apiserver-kubelet-client",
     "kube-apiserver-kubelet-client", "system:masters", "kubeadm:cluster-admins", "apiserver-kubelet-client", false},
    {"front-proxy-ca", "", Profile::ca, Form::key_pair, "front-proxy-ca", "front-proxy-ca", "", "", "front-proxy-ca",
     false},
    {"front-proxy-client", "front-proxy-ca", Profile::client, Form::key_pair, "front-proxy-client",
     "front-proxy-client", "", "", "front-proxy-client", false},
    {"etcd-ca", "", Profile::ca, Form::key_pair, "etcd-ca", "etcd-ca", "", "", "etcd/ca", true},
    {"etcd-server", "etcd-ca", Profile::peer, Form::key_pair, "kube-etcd", "{node_name}", "", "", "etcd/server", true},
    {"etcd-peer", "etcd-ca", Profile::peer, Form::key_pair, "kube-etcd-peer", "{node_name}", "", "", "etcd/peer", true},
    {"etcd-healthcheck-client", "etcd-ca", Profile::client, Form::key_pair, "kube-etcd-healthcheck-client",
     "kube-etcd-healthcheck-client", "", "", "etcd/healthcheck-client", true},
    {"apiserver-etcd-client", "etcd-ca", Profile::client, Form::key_pair, "kube-apiserver-etcd-client",
     "kube-apiserver-etcd-client", "", "", "apiserver-etcd-client", true},
    {"sa", "", Profile::none, Form::bare_key, "", "", "", "", "sa", false},
    {"admin.conf", "ca", Profile::client, Form::kubeconfig, "kubernetes-admin", "kubernetes-admin",
     "kubeadm:cluster-admins", "kubeadm:cluster-admins", "admin.conf", false},
    {"super-admin.conf", "ca", Profile::client, Form::kubeconfig, "kubernetes-super-admin", "kubernetes-super-admin",
     "system:masters", "system:masters", "super-admin.conf", false},
    {"kubelet.conf", "ca", Profile::client, Form::kubeconfig, "system:node:{node_name}", "system:node:{node_name}",
     "system:nodes", "system:nodes", "kubelet.conf", false},
    {"controller-manager.conf", "ca", Profile::client, Form::kubeconfig, "system:kube-controller-manager",
     "system:kube-controller-manager", "", "", "controller-manager.conf", false},
    {"scheduler.conf", "ca", Profile::client, Form::kubeconfig, "system:kube-scheduler", "system:kube-scheduler", "",
     "", "scheduler.conf", false},
};

}  // namespace

TEST_CASE("the catalog is the design's table, cell by cell and in its order") {
  REQUIRE(pki::default_catalog().rows().size() == std::size(table));
  for (std::size_t i = 0; i < std::size(table); ++i) {
    const auto& row = pki::default_catalog().rows()[i];
    const auto& wanted = table[i];
    CAPTURE(std::string(wanted.name));
    CHECK(row.name == wanted.name);
    CHECK(row.issuer == wanted.issuer);
    CHECK((row.profile == wanted.profile));
    CHECK((row.form == wanted.form));
    CHECK(row.common_name.under(Naming::recommended) == wanted.recommended_cn);
    CHECK(row.common_name.under(Naming::kubeadm) == wanted.kubeadm_cn);
    CHECK(row.organization.under(Naming::recommended) == wanted.recommended_o);
    CHECK(row.organization.under(Naming::kubeadm) == wanted.kubeadm_o);
    CHECK(row.path == wanted.path);
    CHECK(row.local_etcd == wanted.local_etcd);
    CHECK(row.is_ca() == (wanted.profile == Profile::ca));
    CHECK_FALSE(row.description.empty());
  }
}

TEST_CASE("only serving certificates and CAs have alternative names") {
  const std::set<std::string_view> with{"ca", "front-proxy-ca", "etcd-ca", "apiserver", "etcd-server", "etcd-peer"};
  for (const auto& row : pki::default_catalog().rows()) {
    CAPTURE(std::string(row.name));
    CHECK(row.sans.empty() == !with.contains(row.name));
  }
}

TEST_CASE("kubelet, controller manager and scheduler talk to their own node, people to the control plane") {
  for (const auto& row : pki::default_catalog().rows()) {
    CAPTURE(std::string(row.name));
    if (row.form != Form::kubeconfig)
      CHECK(row.server.empty());
    else
      CHECK(row.server ==
            (row.name == "admin.conf" || row.name == "super-admin.conf" ? "{control_plane_url}" : "{local_url}"));
  }
}

TEST_CASE("everything that reads etcd, and nothing else, goes with an external etcd") {
  for (const auto& row : pki::default_catalog().rows())
    CHECK(row.local_etcd == (row.name == "etcd-ca" || row.issuer == "etcd-ca"));
}

TEST_CASE("an API server needs the CA and the client certificate of an external etcd, too") {
  for (const auto& row : pki::default_catalog().rows())
    CHECK(row.etcd_client == (row.name == "etcd-ca" || row.name == "apiserver-etcd-client"));
}

TEST_CASE("each role has the files that its processes read") {
  using pki::Role;
  const std::pair<Role, std::string> table[] = {
      {Role::first_control_plane,
       "ca apiserver apiserver-kubelet-client front-proxy-ca front-proxy-client etcd-ca etcd-server etcd-peer "
       "etcd-healthcheck-client apiserver-etcd-client sa admin.conf super-admin.conf kubelet.conf "
       "controller-manager.conf scheduler.conf "},
      {Role::joining_control_plane,
       "ca apiserver apiserver-kubelet-client front-proxy-ca front-proxy-client etcd-ca etcd-server etcd-peer "
       "etcd-healthcheck-client apiserver-etcd-client sa admin.conf kubelet.conf controller-manager.conf "
       "scheduler.conf "},
      {Role::etcd_host, "etcd-ca etcd-server etcd-peer etcd-healthcheck-client "},
      {Role::worker, "ca kubelet.conf "},
      {Role::ca_host, "ca front-proxy-ca etcd-ca "}};
  for (const auto& [role, names] : table) {
    std::string found;
    for (const auto& row : pki::default_catalog().rows())
      if (row.roles.contains(role)) found.append(row.name).append(" ");
    CHECK(found == names);
  }
}

TEST_CASE("all control planes share the CAs and the key pair of the tokens, and nothing else") {
  for (const auto& row : pki::default_catalog().rows()) {
    CAPTURE(std::string(row.name));
    CHECK(row.shared == (row.is_ca() || row.form == Form::bare_key));
  }
}

TEST_CASE("only the super administrator's kubeconfig is on the first control plane alone") {
  for (const auto& row : pki::default_catalog().rows())
    CHECK(row.only_on_first_control_plane() == (row.name == "super-admin.conf"));
}

TEST_CASE("a set of roles contains what it was made of") {
  constexpr pki::RoleSet none;
  constexpr pki::RoleSet some{pki::Role::worker, pki::Role::first_control_plane, pki::Role::worker};
  STATIC_REQUIRE(none.empty());
  STATIC_REQUIRE_FALSE(some.empty());
  STATIC_REQUIRE(some.contains(pki::Role::worker));
  STATIC_REQUIRE_FALSE(some.contains(pki::Role::ca_host));
  STATIC_REQUIRE(some == pki::RoleSet{pki::Role::first_control_plane, pki::Role::worker});
}

TEST_CASE("a row is found by its name and by each alias") {
  for (const auto& row : pki::default_catalog().rows()) {
    CHECK(&pki::default_catalog().find_row(row.name) == &row);
    for (const auto alias : row.aliases)
      CHECK(&pki::default_catalog().find_row(alias) == &row);
  }
  const std::pair<const char*, const char*> aliases[] = {{"kubernetes-ca", "ca"},
                                                         {"etcd/ca", "etcd-ca"},
                                                         {"etcd/server", "etcd-server"},
                                                         {"admin", "admin.conf"},
                                                         {"kubernetes-front-proxy-ca", "front-proxy-ca"},
                                                         {"kube-etcd", "etcd-server"},
                                                         {"kube-etcd-peer", "etcd-peer"}};
  for (const auto& [alias, name] : aliases)
    CHECK(pki::default_catalog().find_row(alias).name == name);
}

TEST_CASE("no name or alias leads to two rows") {
  std::set<std::string_view> seen;
  for (const auto& row : pki::default_catalog().rows()) {
    CHECK(seen.insert(row.name).second);
    for (const auto alias : row.aliases)
      CHECK(seen.insert(alias).second);
  }
}

TEST_CASE("an unknown name is an error that lists the names") {
  for (const char* name : {"", "CA", "apiserver.crt", "ca ", "etcd", "kubeconfig"}) {
    CAPTURE(name);
    CHECK(pki::default_catalog().try_find_row(name) == nullptr);
    try {
      (void)pki::default_catalog().find_row(name);
      FAIL("found");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::unknown_name);
      CHECK(error.subject() == name);
      for (const auto& row : pki::default_catalog().rows())
        CHECK_THAT(error.remedy().text, contains(std::string(row.name)));
    }
  }
}

TEST_CASE("namings and profiles have the names that people write") {
  CHECK(pki::to_string(Naming::recommended) == "recommended");
  CHECK(pki::to_string(Naming::kubeadm) == "kubeadm");
  CHECK(pki::to_string(Profile::none) == "none");
  CHECK(pki::to_string(Profile::ca) == "ca");
  CHECK(pki::to_string(Profile::server) == "server");
  CHECK(pki::to_string(Profile::client) == "client");
  CHECK(pki::to_string(Profile::peer) == "peer");
}
