#include <pki/catalog.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <pki/error.hpp>

namespace pki {

namespace {

using Names = std::span<const std::string_view>;

constexpr NamedText same(std::string_view text) { return {text, text}; }

constexpr std::array<std::string_view, 1> alias_ca{"kubernetes-ca"};
constexpr std::array<std::string_view, 1> alias_front_proxy_ca{"kubernetes-front-proxy-ca"};
constexpr std::array<std::string_view, 1> alias_etcd_ca{"etcd/ca"};
constexpr std::array<std::string_view, 2> alias_etcd_server{"etcd/server", "kube-etcd"};
constexpr std::array<std::string_view, 2> alias_etcd_peer{"etcd/peer", "kube-etcd-peer"};
constexpr std::array<std::string_view, 2> alias_healthcheck{"etcd/healthcheck-client", "kube-etcd-healthcheck-client"};
constexpr std::array<std::string_view, 1> alias_apiserver{"kube-apiserver"};
constexpr std::array<std::string_view, 1> alias_kubelet_client{"kube-apiserver-kubelet-client"};
constexpr std::array<std::string_view, 1> alias_etcd_client{"kube-apiserver-etcd-client"};
constexpr std::array<std::string_view, 1> alias_admin{"admin"};
constexpr std::array<std::string_view, 1> alias_super_admin{"super-admin"};
constexpr std::array<std::string_view, 1> alias_kubelet{"kubelet"};
constexpr std::array<std::string_view, 1> alias_controller_manager{"controller-manager"};
constexpr std::array<std::string_view, 1> alias_scheduler{"scheduler"};

// kubeadm puts a CA's name among its DNS names as well, and some verifiers of old clusters came to expect it.
constexpr std::array<std::string_view, 1> ca_sans{"{common_name}"};
constexpr std::array<std::string_view, 9> apiserver_sans{"{node_name}",
                                                         "kubernetes",
                                                         "kubernetes.default",
                                                         "kubernetes.default.svc",
                                                         "kubernetes.default.svc.{dns_domain}",
                                                         "{first_service_ip}",
                                                         "{advertise_address}",
                                                         "{control_plane_host}",
                                                         "{apiserver_extra_sans}"};
constexpr std::array<std::string_view, 6> etcd_server_sans{"{node_name}", "localhost", "{advertise_address}",
                                                           "127.0.0.1",   "::1",       "{etcd_server_extra_sans}"};
constexpr std::array<std::string_view, 6> etcd_peer_sans{"{node_name}", "localhost", "{advertise_address}",
                                                         "127.0.0.1",   "::1",       "{etcd_peer_extra_sans}"};

// Who must do what after a change. kube-apiserver watches its files, etcd and its client read theirs at each
// handshake; credentials inside a kubeconfig, CAs of etcd and token keys are read once, at the start.
using Consumers = std::span<const Consumer>;
constexpr std::array<Consumer, 1> apiserver_reloads{Consumer{"kube-apiserver", Pickup::reloads}};
constexpr std::array<Consumer, 1> etcd_reloads{Consumer{"etcd", Pickup::reloads}};
constexpr std::array<Consumer, 1> controller_manager_restarts{Consumer{"kube-controller-manager", Pickup::restart}};
constexpr std::array<Consumer, 1> scheduler_restarts{Consumer{"kube-scheduler", Pickup::restart}};
constexpr std::array<Consumer, 1> kubelet_restarts{Consumer{"kubelet", Pickup::restart}};
constexpr std::array<Consumer, 3> ca_consumers{Consumer{"kube-apiserver", Pickup::reloads},
                                               Consumer{"kube-controller-manager", Pickup::restart},
                                               Consumer{"kubelet", Pickup::restart}};
constexpr std::array<Consumer, 2> etcd_ca_consumers{Consumer{"etcd", Pickup::restart},
                                                    Consumer{"kube-apiserver", Pickup::restart}};
constexpr std::array<Consumer, 2> sa_consumers{Consumer{"kube-apiserver", Pickup::restart},
                                               Consumer{"kube-controller-manager", Pickup::restart}};

constexpr NamedText none{};
constexpr NamedText masters_then_cluster_admins{"system:masters", "kubeadm:cluster-admins"};
// The kubelet and the components of a control-plane node speak to the API server beside them, so that none of them is
// ever newer than the server it asks.
constexpr std::string_view balanced = "{control_plane_url}";
constexpr std::string_view local = "{local_url}";

// clang-format off
constexpr std::array rows{
    CatalogRow{"ca", alias_ca, "", Profile::ca, Form::key_pair, {"kubernetes-ca", "kubernetes"}, none, ca_sans, "",
               "ca", false, Keeper::pkigen, false, 0, ca_consumers,
               "CA of the cluster"},
    CatalogRow{"apiserver", alias_apiserver, "ca", Profile::server, Form::key_pair, same("kube-apiserver"), none, apiserver_sans, "",
               "apiserver", false, Keeper::pkigen, false, 6443, apiserver_reloads,
               "certificate for serving the Kubernetes API"},
    CatalogRow{"apiserver-kubelet-client", alias_kubelet_client, "ca", Profile::client, Form::key_pair,
               same("kube-apiserver-kubelet-client"), masters_then_cluster_admins, Names{}, "",
               "apiserver-kubelet-client", false, Keeper::pkigen, false, 0, apiserver_reloads,
               "certificate for the API server to connect to kubelets"},
    CatalogRow{"front-proxy-ca", alias_front_proxy_ca, "", Profile::ca, Form::key_pair, same("front-proxy-ca"), none, ca_sans, "",
               "front-proxy-ca", false, Keeper::pkigen, false, 0, apiserver_reloads,
               "CA of the front proxy"},
    CatalogRow{"front-proxy-client", Names{}, "front-proxy-ca", Profile::client, Form::key_pair, same("front-proxy-client"), none, Names{}, "",
               "front-proxy-client", false, Keeper::pkigen, false, 0, apiserver_reloads,
               "certificate of the front proxy client"},
    CatalogRow{"etcd-ca", alias_etcd_ca, "", Profile::ca, Form::key_pair, same("etcd-ca"), none, ca_sans, "",
               "etcd/ca", true, Keeper::pkigen, false, 0, etcd_ca_consumers,
               "CA of etcd"},
    CatalogRow{"etcd-server", alias_etcd_server, "etcd-ca", Profile::peer, Form::key_pair, {"kube-etcd", "{node_name}"}, none, etcd_server_sans, "",
               "etcd/server", true, Keeper::pkigen, false, 2379, etcd_reloads,
               "certificate for serving etcd"},
    CatalogRow{"etcd-peer", alias_etcd_peer, "etcd-ca", Profile::peer, Form::key_pair, {"kube-etcd-peer", "{node_name}"}, none, etcd_peer_sans, "",
               "etcd/peer", true, Keeper::pkigen, false, 2380, etcd_reloads,
               "certificate for etcd members to reach each other"},
    CatalogRow{"etcd-healthcheck-client", alias_healthcheck, "etcd-ca", Profile::client, Form::key_pair,
               same("kube-etcd-healthcheck-client"), none, Names{}, "",
               "etcd/healthcheck-client", true, Keeper::pkigen, false, 0, Consumers{},
               "certificate for the liveness probes of etcd"},
    CatalogRow{"apiserver-etcd-client", alias_etcd_client, "etcd-ca", Profile::client, Form::key_pair,
               same("kube-apiserver-etcd-client"), none, Names{}, "",
               "apiserver-etcd-client", true, Keeper::pkigen, false, 0, apiserver_reloads,
               "certificate for the API server to reach etcd"},
    CatalogRow{"sa", Names{}, "", Profile::none, Form::bare_key, none, none, Names{}, "",
               "sa", false, Keeper::pkigen, false, 0, sa_consumers,
               "key pair that signs service account tokens"},
    CatalogRow{"admin.conf", alias_admin, "ca", Profile::client, Form::kubeconfig,
               same("kubernetes-admin"), same("kubeadm:cluster-admins"), Names{}, balanced,
               "admin.conf", false, Keeper::pkigen, false, 0, Consumers{},
               "kubeconfig of the administrator"},
    CatalogRow{"super-admin.conf", alias_super_admin, "ca", Profile::client, Form::kubeconfig,
               same("kubernetes-super-admin"), same("system:masters"), Names{}, balanced,
               "super-admin.conf", false, Keeper::pkigen, true, 0, Consumers{},
               "kubeconfig of the super administrator, past all authorization"},
    CatalogRow{"kubelet.conf", alias_kubelet, "ca", Profile::client, Form::kubeconfig,
               same("system:node:{node_name}"), same("system:nodes"), Names{}, local,
               "kubelet.conf", false, Keeper::kubelet, false, 0, kubelet_restarts,
               "kubeconfig of the kubelet"},
    CatalogRow{"controller-manager.conf", alias_controller_manager, "ca", Profile::client, Form::kubeconfig,
               same("system:kube-controller-manager"), none, Names{}, local,
               "controller-manager.conf", false, Keeper::pkigen, false, 0, controller_manager_restarts,
               "kubeconfig of the controller manager"},
    CatalogRow{"scheduler.conf", alias_scheduler, "ca", Profile::client, Form::kubeconfig,
               same("system:kube-scheduler"), none, Names{}, local,
               "scheduler.conf", false, Keeper::pkigen, false, 0, scheduler_restarts,
               "kubeconfig of the scheduler"},
};
// clang-format on

constexpr bool answers_to(const CatalogRow& row, std::string_view name) {
  return row.name == name || std::ranges::find(row.aliases, name) != row.aliases.end();
}

constexpr std::size_t count_answers(std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](const CatalogRow& row) { return answers_to(row, name); }));
}

constexpr bool names_are_unique() {
  return std::ranges::all_of(rows, [](const CatalogRow& row) {
    return count_answers(row.name) == 1 &&
           std::ranges::all_of(row.aliases, [](std::string_view alias) { return count_answers(alias) == 1; });
  });
}

constexpr bool issuers_are_earlier_cas() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].issuer.empty()) continue;
    const auto earlier = std::span(rows).first(i);
    if (std::ranges::none_of(earlier, [&](const CatalogRow& row) { return row.name == rows[i].issuer && row.is_ca(); }))
      return false;
  }
  return true;
}

constexpr bool only_cas_and_bare_keys_lack_an_issuer() {
  return std::ranges::all_of(rows, [](const CatalogRow& row) {
    const bool certificate_signed_by_another = !row.is_ca() && row.form != Form::bare_key;
    return row.issuer.empty() != certificate_signed_by_another;
  });
}

constexpr bool only_kubeconfigs_have_a_server() {
  return std::ranges::all_of(
      rows, [](const CatalogRow& row) { return row.server.empty() != (row.form == Form::kubeconfig); });
}

static_assert(names_are_unique());
static_assert(issuers_are_earlier_cas());
static_assert(only_cas_and_bare_keys_lack_an_issuer());
static_assert(only_kubeconfigs_have_a_server());

}  // namespace

std::span<const CatalogRow> catalog() noexcept { return rows; }

const CatalogRow* try_find_row(std::string_view name) noexcept {
  const auto found = std::ranges::find_if(rows, [&](const CatalogRow& row) { return answers_to(row, name); });
  return found == rows.end() ? nullptr : &*found;
}

const CatalogRow& find_row(std::string_view name) {
  if (const auto* row = try_find_row(name)) return *row;
  std::string known;
  for (const auto& row : rows)
    known.append(known.empty() ? "" : ", ").append(row.name);
  throw Error(Errc::unknown_name, std::string(name), "no such certificate or kubeconfig", "the names are " + known);
}

std::string_view to_string(Naming naming) noexcept { return naming == Naming::recommended ? "recommended" : "kubeadm"; }

std::string_view to_string(Profile profile) noexcept {
  constexpr std::array<std::string_view, 5> names{"none", "ca", "server", "client", "peer"};
  return names[static_cast<std::size_t>(profile)];
}

}  // namespace pki
