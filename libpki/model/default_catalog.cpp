// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include <pki/catalog.hpp>

#include "model/catalog_check.hpp"

namespace pki::inline PKI_ABI {

namespace {

using enum Role;

template <std::size_t size>
using Texts = std::array<std::string_view, size>;

constexpr Texts<1> alias_ca{"kubernetes-ca"};
constexpr Texts<1> alias_apiserver{"kube-apiserver"};
constexpr Texts<1> alias_kubelet_client{"kube-apiserver-kubelet-client"};
constexpr Texts<1> alias_front_proxy_ca{"kubernetes-front-proxy-ca"};
constexpr Texts<1> alias_etcd_ca{"etcd/ca"};
constexpr Texts<2> alias_etcd_server{"etcd/server", "kube-etcd"};
constexpr Texts<2> alias_etcd_peer{"etcd/peer", "kube-etcd-peer"};
constexpr Texts<2> alias_healthcheck{"etcd/healthcheck-client", "kube-etcd-healthcheck-client"};
constexpr Texts<1> alias_etcd_client{"kube-apiserver-etcd-client"};
constexpr Texts<1> alias_admin{"admin"};
constexpr Texts<1> alias_super_admin{"super-admin"};
constexpr Texts<1> alias_kubelet{"kubelet"};
constexpr Texts<1> alias_controller_manager{"controller-manager"};
constexpr Texts<1> alias_scheduler{"scheduler"};
constexpr Texts<1> alias_kube_proxy{"kube-proxy"};
constexpr Texts<1> alias_konnectivity{"konnectivity-server"};
constexpr Texts<1> alias_bootstrap_kubelet{"bootstrap-kubelet"};

// kubeadm also puts the name of a CA among its DNS names, and some verifiers of old clusters expect it.
constexpr Texts<1> ca_sans{"{common_name}"};
constexpr Texts<9> apiserver_sans{"{node_name}",
                                  "kubernetes",
                                  "kubernetes.default",
                                  "kubernetes.default.svc",
                                  "kubernetes.default.svc.{dns_domain}",
                                  "{first_service_ip}",
                                  "{advertise_address}",
                                  "{control_plane_host}",
                                  "{apiserver_extra_sans}"};
constexpr Texts<6> etcd_server_sans{"{node_name}", "localhost", "{advertise_address}",
                                    "127.0.0.1",   "::1",       "{etcd_server_extra_sans}"};
constexpr Texts<6> etcd_peer_sans{"{node_name}", "localhost", "{advertise_address}",
                                  "127.0.0.1",   "::1",       "{etcd_peer_extra_sans}"};

constexpr Texts<2> kubelet_server_sans{"{node_name}", "{advertise_address}"};

// kube-apiserver watches its files, etcd and its client read theirs at each handshake; credentials inside a kubeconfig,
// CAs of etcd and token keys are read once, at the start.
constexpr Consumer apiserver_reloading{"kube-apiserver", ReloadMode::automatic};
constexpr Consumer apiserver_restarted{"kube-apiserver", ReloadMode::restart};
constexpr Consumer controller_manager_restarted{"kube-controller-manager", ReloadMode::restart};
constexpr std::array apiserver_reloads{apiserver_reloading};
constexpr std::array etcd_reloads{Consumer{"etcd", ReloadMode::automatic}};
constexpr std::array controller_manager_restarts{controller_manager_restarted};
constexpr std::array scheduler_restarts{Consumer{"kube-scheduler", ReloadMode::restart}};
constexpr std::array kubelet_restarts{Consumer{"kubelet", ReloadMode::restart}};
constexpr std::array kube_proxy_restarts{Consumer{"kube-proxy", ReloadMode::restart}};
constexpr std::array konnectivity_restarts{Consumer{"konnectivity-server", ReloadMode::restart}};
constexpr std::array ca_consumers{apiserver_reloading, controller_manager_restarted,
                                  Consumer{"kubelet", ReloadMode::restart}};
constexpr std::array etcd_ca_consumers{Consumer{"etcd", ReloadMode::restart}, apiserver_restarted};
constexpr std::array sa_consumers{apiserver_restarted, controller_manager_restarted};

constexpr NamedText same(std::string_view text) { return {text, text}; }

// The kubelet and the components of a control-plane node speak to the API server of their node, so that none of them is
// ever newer than the server it asks.
constexpr std::string_view balanced = "{control_plane_url}";
constexpr std::string_view local = "{local_url}";

constexpr std::array rows{
    CatalogRow{.name = "ca",
               .aliases = alias_ca,
               .profile = Profile::ca,
               .common_name = {"kubernetes-ca", "kubernetes"},
               .sans = ca_sans,
               .path = "ca",
               .roles = {first_control_plane, joining_control_plane, worker, ca_host},
               .shared = true,
               .consumers = ca_consumers,
               .description = "CA of the cluster"},
    CatalogRow{.name = "apiserver",
               .aliases = alias_apiserver,
               .issuer = "ca",
               .profile = Profile::server,
               .common_name = same("kube-apiserver"),
               .sans = apiserver_sans,
               .path = "apiserver",
               .served_on = 6443,
               .consumers = apiserver_reloads,
               .description = "certificate for serving the Kubernetes API"},
    CatalogRow{.name = "apiserver-kubelet-client",
               .aliases = alias_kubelet_client,
               .issuer = "ca",
               .common_name = same("kube-apiserver-kubelet-client"),
               .organization = {masters_group, "kubeadm:cluster-admins"},
               .path = "apiserver-kubelet-client",
               .consumers = apiserver_reloads,
               .description = "certificate for the API server to connect to kubelets"},
    CatalogRow{.name = "front-proxy-ca",
               .aliases = alias_front_proxy_ca,
               .profile = Profile::ca,
               .common_name = same("front-proxy-ca"),
               .sans = ca_sans,
               .path = "front-proxy-ca",
               .roles = {first_control_plane, joining_control_plane, ca_host},
               .shared = true,
               .consumers = apiserver_reloads,
               .description = "CA of the front proxy"},
    CatalogRow{.name = "front-proxy-client",
               .issuer = "front-proxy-ca",
               .common_name = same("front-proxy-client"),
               .path = "front-proxy-client",
               .consumers = apiserver_reloads,
               .description = "certificate of the front proxy client"},
    CatalogRow{.name = "etcd-ca",
               .aliases = alias_etcd_ca,
               .profile = Profile::ca,
               .common_name = same("etcd-ca"),
               .sans = ca_sans,
               .path = "etcd/ca",
               .roles = {first_control_plane, joining_control_plane, etcd_host, ca_host},
               .shared = true,
               .local_etcd = true,
               .etcd_client = true,
               .consumers = etcd_ca_consumers,
               .description = "CA of etcd"},
    CatalogRow{.name = "etcd-server",
               .aliases = alias_etcd_server,
               .issuer = "etcd-ca",
               .profile = Profile::peer,
               .common_name = {"kube-etcd", "{node_name}"},
               .sans = etcd_server_sans,
               .path = "etcd/server",
               .roles = {first_control_plane, joining_control_plane, etcd_host},
               .local_etcd = true,
               .served_on = 2379,
               .consumers = etcd_reloads,
               .description = "certificate for serving etcd"},
    CatalogRow{.name = "etcd-peer",
               .aliases = alias_etcd_peer,
               .issuer = "etcd-ca",
               .profile = Profile::peer,
               .common_name = {"kube-etcd-peer", "{node_name}"},
               .sans = etcd_peer_sans,
               .path = "etcd/peer",
               .roles = {first_control_plane, joining_control_plane, etcd_host},
               .local_etcd = true,
               .served_on = 2380,
               .consumers = etcd_reloads,
               .description = "certificate for etcd members to reach each other"},
    CatalogRow{.name = "etcd-healthcheck-client",
               .aliases = alias_healthcheck,
               .issuer = "etcd-ca",
               .common_name = same("kube-etcd-healthcheck-client"),
               .path = "etcd/healthcheck-client",
               .roles = {first_control_plane, joining_control_plane, etcd_host},
               .local_etcd = true,
               .description = "certificate for the liveness probes of etcd"},
    CatalogRow{.name = "apiserver-etcd-client",
               .aliases = alias_etcd_client,
               .issuer = "etcd-ca",
               .common_name = same("kube-apiserver-etcd-client"),
               .path = "apiserver-etcd-client",
               .local_etcd = true,
               .etcd_client = true,
               .consumers = apiserver_reloads,
               .description = "certificate for the API server to reach etcd"},
    CatalogRow{.name = "sa",
               .profile = Profile::none,
               .form = Form::bare_key,
               .path = "sa",
               .shared = true,
               .consumers = sa_consumers,
               .description = "key pair that signs service account tokens"},
    CatalogRow{.name = "admin.conf",
               .aliases = alias_admin,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("kubernetes-admin"),
               .organization = same("kubeadm:cluster-admins"),
               .former_organization = masters_group,
               .server = balanced,
               .path = "admin.conf",
               .description = "kubeconfig of the administrator"},
    CatalogRow{.name = "super-admin.conf",
               .aliases = alias_super_admin,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("kubernetes-super-admin"),
               .organization = same(masters_group),
               .server = balanced,
               .path = "super-admin.conf",
               .roles = {first_control_plane},
               .description = "kubeconfig of the super administrator, past all authorization"},
    CatalogRow{.name = "kubelet.conf",
               .aliases = alias_kubelet,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("system:node:{node_name}"),
               .organization = same("system:nodes"),
               .server = local,
               .path = "kubelet.conf",
               .roles = {first_control_plane, joining_control_plane, worker},
               .managed_by = ManagedBy::kubelet,
               .consumers = kubelet_restarts,
               .description = "kubeconfig of the kubelet"},
    CatalogRow{.name = "controller-manager.conf",
               .aliases = alias_controller_manager,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("system:kube-controller-manager"),
               .server = local,
               .path = "controller-manager.conf",
               .consumers = controller_manager_restarts,
               .description = "kubeconfig of the controller manager"},
    CatalogRow{.name = "scheduler.conf",
               .aliases = alias_scheduler,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("system:kube-scheduler"),
               .server = local,
               .path = "scheduler.conf",
               .consumers = scheduler_restarts,
               .description = "kubeconfig of the scheduler"},
};

// The rows that a configuration switches on. kubeadm's kube-proxy has the token of a service account, and a kubelet
// makes its serving certificate by itself. The kubeconfig of a kubelet that joins is removed once it has.
constexpr std::array further{
    CatalogRow{.name = "kube-proxy.conf",
               .aliases = alias_kube_proxy,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("system:kube-proxy"),
               .organization = same("system:node-proxier"),
               .server = balanced,
               .path = "kube-proxy.conf",
               .roles = {first_control_plane, joining_control_plane, worker},
               .consumers = kube_proxy_restarts,
               .description = "kubeconfig of kube-proxy"},
    CatalogRow{.name = "kubelet-server",
               .issuer = "ca",
               .profile = Profile::server,
               .common_name = same("system:node:{node_name}"),
               .organization = same("system:nodes"),
               .sans = kubelet_server_sans,
               .path = "kubelet-server",
               .roles = {first_control_plane, joining_control_plane, worker},
               .served_on = 10250,
               .consumers = kubelet_restarts,
               .description = "certificate for serving the API of the kubelet"},
    CatalogRow{.name = "konnectivity-server.conf",
               .aliases = alias_konnectivity,
               .issuer = "ca",
               .form = Form::kubeconfig,
               .common_name = same("system:konnectivity-server"),
               .server = local,
               .path = "konnectivity-server.conf",
               .consumers = konnectivity_restarts,
               .description = "kubeconfig of the konnectivity server"},
    CatalogRow{.name = "bootstrap-kubelet.conf",
               .aliases = alias_bootstrap_kubelet,
               .issuer = "ca",
               .profile = Profile::none,
               .form = Form::kubeconfig,
               .common_name = same("tls-bootstrap-token-user"),
               .server = balanced,
               .path = "bootstrap-kubelet.conf",
               .roles = {first_control_plane, joining_control_plane, worker},
               .consumers = kubelet_restarts,
               .description = "kubeconfig with the token of a kubelet that joins"},
};

constexpr auto joined = [] {
  std::array<CatalogRow, rows.size() + further.size()> all{};
  std::ranges::copy(further, std::ranges::copy(rows, all.begin()).out);
  return all;
}();

static_assert(model::is_valid_catalog(rows));
static_assert(model::is_valid_catalog(joined));

}  // namespace

const Catalog& default_catalog() {
  static const Catalog catalog(rows);
  return catalog;
}

std::span<const CatalogRow> optional_rows() noexcept { return further; }

}  // namespace pki::inline PKI_ABI
