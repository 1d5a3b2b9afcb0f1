// SPDX-License-Identifier: Apache-2.0
// The functions of doc/installer-cookbook.md, which the build reads from the page.
#include <cookbook.inc>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

pki::ClusterConfig config_in(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {directory / "pki", directory};
  return config;
}

// Writes files below another directory than the one that they were planned for.
void write(const std::vector<pki::File>& files, const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const auto& file : files)
    put(to / file.path.lexically_relative(from), {file.content.begin(), file.content.end()}, file.mode);
}

std::vector<std::string> names_of(const pki::Bundle& bundle) {
  std::vector<std::string> names;
  for (const auto& issued : bundle.issued)
    names.emplace_back(issued.row->name);
  return names;
}

bool has_file(const std::vector<pki::File>& files, const std::string& name) {
  return std::ranges::any_of(files, [&](const auto& file) { return file.path.string().ends_with(name); });
}

}  // namespace

TEST_CASE("the cookbook makes the whole PKI in memory") {
  const TempDir temp;
  const auto bundle = whole_pki(config_in(temp / "one"), current_time());
  CHECK(bundle.issued.size() == 15);
  CHECK(has_file(bundle.files, "/one/pkigen.yaml"));
  CHECK(std::filesystem::is_empty(temp.path()));
}

TEST_CASE("the cookbook makes the files of a second control plane, which has no key of a CA") {
  const TempDir temp;
  const auto now = current_time();
  const auto config = config_in(temp / "one");
  write(whole_pki(config, now).files, temp / "one", temp / "one");
  const auto second = second_control_plane(pki::load(config.layout), "cp-2", "192.168.10.12", now);
  for (const auto* absent : {"ca.key", "/super-admin.conf"})
    CHECK_FALSE(has_file(second, absent));
  write(second, temp / "one", temp / "two");

  const auto inventory = pki::load({temp / "two/pki", temp / "two"});
  const auto report = pki::inspect(inventory, {}, now);
  CHECK(report.worst() == pki::State::valid);
  CHECK(report.role == pki::Role::joining_control_plane);
  CHECK(inventory.find("kubelet.conf").certificate()->common_name == "system:node:cp-2");
}

TEST_CASE("the cookbook renews for a host without CA keys, and a wrong key is refused") {
  const TempDir temp;
  const auto now = current_time();
  const auto config = config_in(temp / "one");
  const auto bundle = whole_pki(config, now);
  const auto files = without_ca_keys(bundle, config.layout);
  CHECK(files.size() + 3 == bundle.files.size());
  CHECK_FALSE(has_file(files, "/ca.key"));

  const auto key = std::ranges::find(bundle.files, config.layout.certificates_dir / "ca.key", &pki::File::path);
  const auto later = now + std::chrono::days{300};
  CHECK(names_of(renew_for_host(files, config.layout, key->content, later)) ==
        std::vector<std::string>{"apiserver", "apiserver-kubelet-client", "admin.conf", "super-admin.conf",
                                 "kubelet.conf", "controller-manager.conf", "scheduler.conf"});
  CHECK(renew_for_host(files, config.layout, key->content, now).issued.empty());
  const auto other = pki::generate_private_key(config.algorithm);
  CHECK_THROWS_AS(renew_for_host(files, config.layout, other.pem(), later), pki::Error);
}

TEST_CASE("the cookbook requests what is due, has it signed elsewhere, and imports it") {
  const TempDir temp;
  const auto now = current_time();
  const auto config = config_in(temp / "one");
  const auto bundle = whole_pki(config, now);
  write(without_ca_keys(bundle, config.layout), temp / "one", temp / "one");
  const auto with_keys = pki::assemble(config.layout, bundle.files);
  const auto valid = pki::validate(config).value();
  const auto lock = pki::lock(config.layout);

  CHECK(request_what_is_due(valid, lock, now).items.empty());
  const auto later = now + std::chrono::days{350};
  const auto requests = request_what_is_due(valid, lock, later);
  CHECK(requests.items.size() == 12);
  const auto received = pki::parse_request_bundle(to_json(requests), "requests");
  const auto answers = sign_for_host(valid, with_keys, received, later);
  import_answers(lock, pki::parse_answer_bundle(to_json(answers), "answers"), later);
  const auto after = pki::load(config.layout);
  CHECK(pki::inspect(after, {}, later).worst() == pki::State::valid);
  CHECK(pki::read_requests(after).empty());
}

TEST_CASE("the cookbook makes further kubeconfigs and certificates") {
  const TempDir temp;
  const auto now = current_time();
  const auto config = config_in(temp / "one");
  write(whole_pki(config, now).files, temp / "one", temp / "one");
  const auto kubeconfigs = kubeconfigs_for({"alice", "bob"}, config.layout, now);
  REQUIRE(kubeconfigs.size() == 2);
  CHECK(kubeconfigs[1].find("bob") != pki::SecretString::npos);

  const auto metrics = with_metrics(config, now);
  REQUIRE(names_of(metrics) == std::vector<std::string>{"metrics"});
  CHECK(metrics.issued[0].certificate.sans.size() == 2);

  const auto vpn = make_with_vpn(config, now);
  REQUIRE(names_of(vpn) == std::vector<std::string>{"kube-proxy.conf", "vpn-root", "vpn-ca", "vpn"});
  CHECK(vpn.issued[1].certificate.path_length == 1);
  CHECK(vpn.issued[3].certificate.issuer_der == vpn.issued[2].certificate.subject_der);
}

TEST_CASE("the cookbook makes and reports a fleet") {
  const TempDir temp;
  const auto now = current_time();
  std::vector<pki::ClusterConfig> clusters{config_in(temp / "a"), config_in(temp / "b")};
  clusters[1].cluster_name = "other";
  const auto made = fleet(clusters, now);
  REQUIRE(made.size() == 2);
  write(made.at("other").files, temp / "b", temp / "b");
  const auto metrics = fleet_report(temp / "b/pki", pki::load(clusters[0].layout), now);
  CHECK(metrics.find("\npkigen_scanned_files 22\n") != std::string::npos);
  CHECK(metrics.find(temp / "b/pki/etcd/server.crt") != std::string::npos);
}

TEST_CASE("the cookbook shows the progress of keys, and is cancelled") {
  const auto config = config_in("/nowhere");
  const auto inventory = pki::assemble(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), inventory, current_time());
  std::stop_source source;
  CHECK(issue_with_progress(plan, inventory, source.get_token()).issued.size() == 15);
  source.request_stop();
  CHECK_THROWS_AS(issue_with_progress(plan, inventory, source.get_token()), pki::Error);
}
