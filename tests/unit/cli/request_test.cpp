// SPDX-License-Identifier: Apache-2.0
#include "commands/request.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>

using namespace pki;

namespace {

using Values = std::vector<std::string>;

cli::Host host(const std::string& name, const std::string& address) {
  return {.node_name = [name] { return name; }, .default_route_address = [address] { return address; }};
}

cli::Host host_that_must_not_be_asked() {
  const auto fail = []() -> std::string { throw std::logic_error("the host was asked"); };
  return {.node_name = fail, .default_route_address = fail};
}

cli::ClusterOptions typed(std::map<std::string, Values> values) {
  cli::ClusterOptions options;
  options.cert_dir = "/k/pki";
  options.values = std::move(values);
  return options;
}

std::optional<ConfigFile> saved(const std::string& text) { return parse_config(text, "/k/pkigen.yaml"); }

constexpr auto saved_text =
    "apiVersion: kubeadm.k8s.io/v1beta4\n"
    "kind: ClusterConfiguration\n"
    "clusterName: saved\n"
    "networking:\n"
    "  dnsDomain: saved.local\n"
    "---\n"
    "apiVersion: kubeadm.k8s.io/v1beta4\n"
    "kind: InitConfiguration\n"
    "localAPIEndpoint:\n"
    "  advertiseAddress: 192.0.2.7\n"
    "nodeRegistration:\n"
    "  name: saved-1\n";

/// A --config file that is removed with the object.
class GivenFile {
 public:
  explicit GivenFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "request-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    path_ = name;
    std::ofstream(path_) << text;
  }
  GivenFile(const GivenFile&) = delete;
  GivenFile& operator=(const GivenFile&) = delete;
  ~GivenFile() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Values subjects(const std::vector<Finding>& findings) {
  Values result;
  std::ranges::transform(findings, std::back_inserter(result), &Finding::subject);
  return result;
}

}  // namespace

TEST_CASE("Defaults of the host fill in what nothing else sets") {
  const auto request = cli::parse_request(typed({}));
  CHECK(request.problems.empty());
  const auto completed = complete(request, std::nullopt, host("cp-1", "192.0.2.1"));
  CHECK(completed.problems.empty());
  CHECK(completed.config.value()->node_name == "cp-1");
  CHECK(completed.config.value()->advertise_address == "192.0.2.1");
  CHECK(completed.config.value()->layout.certificates_dir == "/k/pki");
  CHECK(completed.config.value()->layout.kubeconfig_dir == "/k");
}

TEST_CASE("A flag wins over the saved configuration, and the host is not asked for what is known") {
  const auto request = cli::parse_request(typed({{"--cluster-name", {"typed"}}}));
  const auto completed = complete(request, saved(saved_text), host_that_must_not_be_asked());
  CHECK(completed.problems.empty());
  CHECK(completed.config.value()->cluster_name == "typed");
  CHECK(completed.config.value()->dns_domain == "saved.local");
  CHECK(completed.config.value()->node_name == "saved-1");
}

TEST_CASE("A --config file replaces the saved configuration as a whole, and a flag wins over it") {
  const GivenFile file(
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: given\ncertificatesDir: /g/pki\n");
  cli::ClusterOptions options;
  options.config_file = file.path();
  options.values = {{"--node-name", {"typed-1"}}};
  const auto request = cli::parse_request(options);
  CHECK(request.problems.empty());
  CHECK(request.layout.certificates_dir == "/g/pki");
  const auto completed = complete(request, saved(saved_text), host("cp-1", "192.0.2.1"));
  CHECK(completed.config.value()->cluster_name == "given");
  CHECK(completed.config.value()->dns_domain == "cluster.local");
  CHECK(completed.config.value()->node_name == "typed-1");
  CHECK(completed.config.value()->advertise_address == "192.0.2.1");
}

TEST_CASE("Usage errors are found before the saved configuration is read") {
  struct Case {
    const char* flag;
    const char* value;
  };
  for (const auto& [flag, value] :
       {Case{"--node-name", "Not_A_Name"}, Case{"--apiserver-advertise-address", "300.1.1.1"},
        Case{"--apiserver-bind-port", "0"}, Case{"--apiserver-bind-port", "http"},
        Case{"--service-cidr", "10.0.0.0/99"}, Case{"--service-dns-domain", "a..b"},
        Case{"--apiserver-cert-extra-sans", "under_score.example"}, Case{"--encryption-algorithm", "RSA-1024"},
        Case{"--certificate-validity-period", "soon"}, Case{"--ca-certificate-validity-period", "1s"},
        Case{"--naming", "mine"}, Case{"--role", "node"}}) {
    INFO(flag << " " << value);
    CHECK(subjects(cli::parse_request(typed({{flag, {value}}})).problems) == Values{flag});
  }
}

TEST_CASE("A problem of a --config file names its line, each field once") {
  const GivenFile file(
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nencryptionAlgorithm: RSA-1024\n"
      "apiServer:\n  certSANs: [\"under_score.example\"]\n");
  cli::ClusterOptions options;
  options.config_file = file.path();
  CHECK(subjects(cli::parse_request(options).problems) ==
        Values{file.path() + ":3: encryptionAlgorithm", file.path() + ":5: apiServer.certSANs[0]"});
}

TEST_CASE("A value that the saved configuration or the host may still set is not a usage error") {
  const auto request = cli::parse_request(typed({}));
  CHECK(request.problems.empty());
  const auto broken = complete(request,
                               saved("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
                                     "networking:\n  dnsDomain: a..b\n"),
                               host("Not_A_Name", ""));
  CHECK(subjects(broken.problems) ==
        Values{"--apiserver-advertise-address", "--node-name", "/k/pkigen.yaml:4: networking.dnsDomain"});
}

TEST_CASE("A PKI directory without a parent for the kubeconfigs is named itself") {
  cli::ClusterOptions options;
  for (const auto* directory : {"/nonexistent", "/pki/", "/"}) {
    INFO(directory);
    options.cert_dir = directory;
    CHECK(subjects(cli::parse_request(options).problems) == Values{"--cert-dir"});
  }
  options.kubeconfig_dir = "/k";
  options.cert_dir = "/pki";
  CHECK(cli::parse_request(options).problems.empty());
  const GivenFile file("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncertificatesDir: /pki\n");
  options = {};
  options.config_file = file.path();
  CHECK(subjects(cli::parse_request(options).problems) == Values{file.path() + ":3: certificatesDir"});
}

TEST_CASE("A --config file that cannot be read is an error that names it") {
  cli::ClusterOptions options;
  options.config_file = "/nonexistent/cluster.yaml";
  CHECK_THROWS_WITH(cli::parse_request(options), contains("/nonexistent/cluster.yaml"));
}

namespace {

constexpr auto joining =
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n---\n"
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration: {name: cp-2}\n"
    "controlPlane: {localAPIEndpoint: {advertiseAddress: 192.0.2.2}}\n";

std::string own_role(const std::string& role) {
  return "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nrole: " + role + "\n";
}

}  // namespace

TEST_CASE("The role of a JoinConfiguration yields to the saved one, another role of the file does not") {
  struct Case {
    std::string given;
    std::string saved;
    std::optional<Role> role;
  };
  const std::string init = saved_text;
  const Case cases[] = {
      {joining, "", Role::joining_control_plane},
      {joining, init, Role::joining_control_plane},
      {joining, init + own_role("control-plane"), Role::first_control_plane},
      {joining, init + own_role("worker"), Role::worker},
      {joining, init + own_role("worker") + "nonsense: [\n", Role::joining_control_plane},
      {init + own_role("etcd"), init + own_role("worker"), Role::etcd_host},
      {init, "", std::nullopt},
  };
  for (const auto& [given, kept, role] : cases) {
    CAPTURE(given, kept);
    const GivenFile file(given);
    cli::ClusterOptions options;
    options.cert_dir = "/k/pki";
    options.config_file = file.path();
    const auto request = cli::parse_request(options);
    REQUIRE(request.problems.empty());
    const auto completed = complete(request, kept.empty() ? std::nullopt : saved(kept), host_that_must_not_be_asked());
    CHECK(completed.config.value()->role == role);
  }
}

TEST_CASE("a role and a JoinConfiguration that contradict each other are a usage error") {
  const std::pair<const char*, bool> cases[] = {
      {"joining-control-plane", true}, {"control-plane", false}, {"worker", false}, {"etcd", false}};
  const GivenFile file(joining);
  for (const auto& [role, accepted] : cases) {
    CAPTURE(role);
    auto options = typed({{"--role", {role}}});
    options.config_file = file.path();
    const auto problems = cli::parse_request(options).problems;
    CHECK(subjects(problems) == (accepted ? Values{} : Values{"--role"}));
    if (!accepted) CHECK_THAT(problems[0].message, contains("JoinConfiguration in " + file.path()));
  }
  // What does not parse is one problem.
  auto options = typed({{"--role", {"node"}}});
  options.config_file = file.path();
  CHECK(subjects(cli::parse_request(options).problems) == Values{"--role"});
  // A flag wins over the role that a file names.
  const GivenFile named(saved_text + own_role("worker"));
  options = typed({{"--role", {"etcd"}}});
  options.config_file = named.path();
  CHECK(cli::parse_request(options).problems.empty());
}

TEST_CASE("The rows of a file replace the saved ones, a file without rows keeps them, and --with adds to either") {
  const std::string own = "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\n";
  const std::string saved_rows = saved_text + own + "optionalRows: [kubelet-server]\n";
  struct Case {
    std::string given;
    Values with;
    Values rows;
  };
  const Case cases[] = {
      {"", {}, {"kubelet-server"}},
      {"", {"kube-proxy.conf"}, {"kubelet-server", "kube-proxy.conf"}},
      {"", {"kubelet-server"}, {"kubelet-server"}},
      {saved_text, {}, {"kubelet-server"}},
      {saved_text, {"kube-proxy.conf"}, {"kubelet-server", "kube-proxy.conf"}},
      {saved_text + own + "optionalRows: []\n", {}, {}},
      {saved_text + own + "certificates: []\n", {"kube-proxy.conf"}, {"kube-proxy.conf"}},
  };
  for (const auto& [given, with, rows] : cases) {
    CAPTURE(given, with);
    const GivenFile file(given);
    auto options = typed({});
    if (!given.empty()) options.config_file = file.path();
    if (!with.empty()) options.values["--with"] = with;
    const auto request = cli::parse_request(options);
    CHECK(request.problems.empty());
    const auto completed = complete(request, saved(saved_rows), host("cp-1", "192.0.2.1"));
    REQUIRE(completed.config);
    REQUIRE((*completed.config)->rows);
    CHECK((*completed.config)->rows->optional == rows);
  }
}

TEST_CASE("A problem of a row names the line of its field, or of the row where the field is missing") {
  const GivenFile file(std::string(saved_text) +
                       "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\n"
                       "certificates:\n- name: vpn\n  issuer: nobody\n- name: web\n  profile: server\n");
  auto options = typed({{"--with", {"nothing"}}});
  options.config_file = file.path();
  const auto problems = cli::parse_request(options).problems;
  CHECK(subjects(problems) == Values{"--with", file.path() + ":18: certificates[0].issuer",
                                     file.path() + ":19: certificates[1].issuer",
                                     file.path() + ":19: certificates[1].sans"});
}

TEST_CASE("Etcd is external as the files say, unless a configuration, a flag or a named row says otherwise") {
  struct Case {
    std::string given;
    std::string saved;
    std::map<std::string, Values> flags;
    bool names_etcd;
    bool external;
  };
  const Case cases[] = {
      {"", "", {}, false, true},
      {"", "", {{"--cluster-name", {"c"}}}, false, true},
      {"", "", {{"--etcd-server-extra-sans", {"e"}}}, false, false},
      {"", "", {{"--etcd-peer-extra-sans", {"e"}}}, false, false},
      {"", "", {}, true, false},
      {"", saved_text, {}, false, false},
      {saved_text, "", {}, false, false},
  };
  for (const auto& [given, kept, flags, names_etcd, external] : cases) {
    CAPTURE(given, kept, flags.size(), names_etcd);
    const GivenFile file(given);
    auto options = typed(flags);
    if (!given.empty()) options.config_file = file.path();
    auto request = cli::parse_request(options);
    request.names_etcd = names_etcd;
    auto facts = host("cp-1", "192.0.2.1");
    for (const bool found : {true, false}) {
      if (found)
        facts.external_etcd = Finding{Rule::etcd_assumed_external, Severity::info, "/k/pki", "taken for external"};
      else
        facts.external_etcd.reset();
      const auto completed = complete(request, kept.empty() ? std::nullopt : saved(kept), facts);
      CHECK(completed.config.value()->external_etcd.has_value() == (external && found));
      CHECK(std::ranges::count(completed.warnings, Rule::etcd_assumed_external, &Finding::rule) ==
            (external && found ? 1 : 0));
    }
  }
}

TEST_CASE("A host without a default route has no address, which a worker does not need") {
  for (const auto* role : {"worker", "joining-control-plane", "etcd"}) {
    CAPTURE(role);
    const auto request = cli::parse_request(typed({{"--role", {role}}}));
    const auto completed = complete(request, std::nullopt, host("w-1", ""));
    const bool worker = std::string(role) == "worker";
    CHECK(subjects(completed.problems) == (worker ? Values{} : Values{"--apiserver-advertise-address"}));
    CHECK(completed.config.has_value() == worker);
  }
}

TEST_CASE("The naming is that of the files, unless a configuration or a flag chooses one") {
  const std::string chosen = std::string(saved_text) + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nnaming: ";
  struct Case {
    std::string given;
    std::string saved;
    std::map<std::string, Values> flags;
    std::optional<Naming> of_files;
    Naming expected;
  };
  constexpr auto recommended = Naming::recommended;
  constexpr auto kubeadm = Naming::kubeadm;
  const Case cases[] = {
      {"", "", {}, {}, recommended},
      {"", "", {}, kubeadm, kubeadm},
      {"", "", {}, recommended, recommended},
      {saved_text, "", {}, kubeadm, kubeadm},
      {"", saved_text, {}, kubeadm, kubeadm},
      {"", chosen + "recommended\n", {}, kubeadm, recommended},
      {chosen + "recommended\n", "", {}, kubeadm, recommended},
      {chosen + "kubeadm\n", "", {}, recommended, kubeadm},
      // A given file replaces the saved one.
      {saved_text, chosen + "recommended\n", {}, kubeadm, kubeadm},
      {saved_text, "", {{"--naming", {"recommended"}}}, kubeadm, recommended},
      {"", chosen + "recommended\n", {{"--naming", {"kubeadm"}}}, {}, kubeadm},
  };
  for (const auto& [given, kept, flags, of_files, expected] : cases) {
    CAPTURE(given, kept, flags.size(), of_files.has_value());
    const GivenFile file(given);
    auto options = typed(flags);
    if (!given.empty()) options.config_file = file.path();
    auto facts = host("cp-1", "192.0.2.1");
    std::string asked_for;
    facts.naming = [&, answer = of_files](const ValidConfig& config) {
      asked_for = config->node_name;
      return answer;
    };
    const auto request = cli::parse_request(options);
    const auto completed = complete(request, kept.empty() ? std::nullopt : saved(kept), facts);
    CHECK(completed.config.value()->naming == expected);
    if (!asked_for.empty()) CHECK(asked_for == completed.config.value()->node_name);
  }
}
