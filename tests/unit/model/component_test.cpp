// SPDX-License-Identifier: Apache-2.0
#include "model/component.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;

namespace {

using Groups = std::vector<std::string>;

std::string judged(std::string_view row, const std::string& name, const Groups& groups) {
  Certificate certificate;
  certificate.common_name = name;
  certificate.organizations = groups;
  return model::foreign_identity(certificate, default_catalog().find_row(row), default_catalog());
}

}  // namespace

TEST_CASE("what init makes under either naming contradicts no row") {
  for (const auto naming : {Naming::recommended, Naming::kubeadm}) {
    auto config = build::config();
    config.naming = naming;
    for (const auto& row : default_catalog().rows()) {
      if (row.form == Form::bare_key) continue;
      CAPTURE(row.name);
      CHECK(model::foreign_identity(build::certificate(row, config), row, default_catalog()).empty());
    }
  }
}

TEST_CASE("what earlier kubeadms and other installers made contradicts no row") {
  struct Case {
    const char* row;
    const char* name;
    Groups groups;
  };
  for (const auto& [row, name, groups] : {
           Case{"admin.conf", "kubernetes-admin", {"system:masters"}},
           Case{"admin.conf", "alice", {"developers"}},
           Case{"apiserver-etcd-client", "kube-apiserver-etcd-client", {"system:masters"}},
           Case{"apiserver-etcd-client", "etcd-client", {}},
           Case{"apiserver-kubelet-client", "kubernetes", {"Kubernetes"}},
           Case{"scheduler.conf", "system:kube-scheduler", {"system:kube-scheduler"}},
           Case{"kubelet.conf", "system:node:worker-1.example", {"system:nodes"}},
           Case{"kubelet.conf", "system:node:worker-1", {"others", "system:nodes"}},
       }) {
    CAPTURE(row, name);
    CHECK(judged(row, name, groups).empty());
  }
}

TEST_CASE("the name or a group of another component is found, and the lack of a prescribed one") {
  struct Case {
    const char* row;
    const char* name;
    Groups groups;
    const char* found;
  };
  for (const auto& [row, name, groups, found] : {
           Case{"kubelet.conf",
                "kubernetes-admin",
                {"kubeadm:cluster-admins"},
                "common name is kubernetes-admin, that of admin.conf, expected system:node:NODE"},
           Case{"kubelet.conf", "kubernetes-admin", {"kubeadm:cluster-admins"}, "lacks the organization system:nodes"},
           Case{"kubelet.conf", "node-1", {"system:nodes"}, "common name is node-1, expected system:node:NODE"},
           Case{"kubelet.conf", "system:node:", {"system:nodes"}, "common name is system:node:, expected"},
           Case{"kubelet.conf", "system:node:a", {}, "lacks the organization system:nodes"},
           Case{"kubelet.conf",
                "system:node:a",
                {"system:nodes", "system:masters"},
                "organization is system:masters, that of apiserver-kubelet-client"},
           Case{"scheduler.conf",
                "system:kube-controller-manager",
                {},
                "that of controller-manager.conf, expected system:kube-scheduler"},
           Case{"scheduler.conf", "scheduler", {}, "common name is scheduler, expected system:kube-scheduler"},
           Case{"scheduler.conf", "system:kube-scheduler", {"system:masters"}, "organization is system:masters"},
           Case{"controller-manager.conf", "kubernetes-super-admin", {"system:masters"}, "that of super-admin.conf"},
           Case{"admin.conf", "system:node:a", {"system:nodes"}, "that of kubelet.conf, expected kubernetes-admin"},
           Case{"admin.conf", "kubernetes-admin", {"system:nodes"}, "organization is system:nodes, that of kubelet"},
           Case{"super-admin.conf", "kubernetes-admin", {"kubeadm:cluster-admins"}, "that of admin.conf"},
           Case{"apiserver-kubelet-client", "front-proxy-client", {}, "that of front-proxy-client"},
           Case{"front-proxy-client", "kube-apiserver-kubelet-client", {}, "that of apiserver-kubelet-client"},
           Case{"apiserver-etcd-client", "kube-etcd-healthcheck-client", {}, "that of etcd-healthcheck-client"},
       }) {
    CAPTURE(row, name);
    CHECK_THAT(judged(row, name, groups), contains(found));
  }
}

TEST_CASE("the kubelet renews one file alone") {
  auto entry = build::sound_entry(default_catalog().find_row("kubelet.conf"), build::config());
  CHECK_FALSE(model::is_renewed_by_kubelet(entry));
  for (const auto& [file, renewed] : {std::pair{"/var/lib/kubelet/pki/kubelet-client-current.pem", true},
                                      std::pair{"/var/lib/kubelet/pki/kubelet-client-2026-01-01.pem", false},
                                      std::pair{"/etc/kubernetes/pki/node.crt", false}}) {
    entry.kubeconfig->client_certificate_file = file;
    CHECK(model::is_renewed_by_kubelet(entry) == renewed);
  }
}

TEST_CASE("a name under either naming is usual, another one or that of another row is not") {
  const auto config = build::valid(build::config());
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"etcd-server", "kube-etcd", true}, {"etcd-server", "cp-1", true},
      {"etcd-server", "cp-2", false},     {"etcd-server", "kube-etcd-peer", false},
      {"etcd-peer", "cp-1", true},        {"apiserver", "kube-apiserver", true},
      {"apiserver", "cp-1", false},       {"admin.conf", "kubernetes-admin", true},
      {"admin.conf", "", false},
  };
  for (const auto& [row, name, usual] : cases) {
    CAPTURE(row, name);
    Certificate certificate;
    certificate.common_name = name;
    CHECK(model::has_usual_name(certificate, default_catalog().find_row(row), config) == usual);
  }
}

TEST_CASE("groups of either naming and of other kubeadms are usual, a lack only where a role is bound to the name") {
  const std::tuple<const char*, Groups, bool> cases[] = {
      {"apiserver-kubelet-client", {"system:masters"}, true},
      {"apiserver-kubelet-client", {"kubeadm:cluster-admins"}, true},
      {"apiserver-kubelet-client", {}, true},
      {"apiserver-kubelet-client", {"system:nodes"}, false},
      {"apiserver-kubelet-client", {"system:masters", "developers"}, false},
      {"admin.conf", {"kubeadm:cluster-admins"}, true},
      {"admin.conf", {"system:masters"}, true},
      {"admin.conf", {}, false},
      {"super-admin.conf", {"kubeadm:cluster-admins"}, false},
      {"scheduler.conf", {"system:masters"}, false},
      {"scheduler.conf", {}, true},
      // Organizations of etcd's clients are no groups.
      {"etcd-healthcheck-client", {"system:masters"}, true},
      {"apiserver", {"anything"}, true},
  };
  for (const auto& [row, groups, usual] : cases) {
    CAPTURE(row, groups);
    Certificate certificate;
    certificate.organizations = groups;
    CHECK(model::has_usual_groups(certificate, default_catalog().find_row(row)) == usual);
  }
}
