#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

// The walk through directories: tests/unit/disk/unmanaged_files_test.cpp.

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

std::string file_of(const pki::Bundle& bundle, const std::string& name) {
  const auto found =
      std::ranges::find_if(bundle.files, [&](const pki::File& file) { return file.path.filename() == name; });
  REQUIRE(found != bundle.files.end());
  return {found->content.begin(), found->content.end()};
}

const pki::Bundle& samples() {
  static const auto bundle = [] {
    pki::ClusterConfig config;
    config.node_name = "cp-1";
    config.advertise_address = "192.0.2.1";
    config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
    config.layout = {"/nowhere/pki", "/nowhere"};
    const auto nothing = pki::load(config.layout);
    return pki::issue(pki::plan_init(pki::validate(config).value(), nothing, now), nothing);
  }();
  return bundle;
}

// One line per result: its name, then the common name or the problem.
std::vector<std::string> lines(const std::vector<pki::UnmanagedCertificate>& found) {
  std::vector<std::string> texts;
  for (const auto& one : found)
    texts.push_back(one.name + ": " + (one.certificate ? one.certificate->common_name : "! " + one.problem));
  return texts;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the kubelet's certificates are read where they exist") {
  const TempDir base;
  CHECK(pki::scan_certificates(base.path(), {}).empty());
  put(base / "kubelet.crt", file_of(samples(), "apiserver.crt"));
  put(base / "other.crt", file_of(samples(), "ca.crt"));
  const auto found = pki::scan_certificates(base.path(), {});
  CHECK(lines(found) == Lines{"kubelet.crt: kube-apiserver"});
  CHECK(found[0].owner == "kubelet");
}

TEST_CASE("each certificate of a bundle and of a kubeconfig is a result of its own") {
  const TempDir base;
  put(base / "bundle.pem", file_of(samples(), "apiserver.crt") + file_of(samples(), "front-proxy-client.crt"));
  put(base / "admin.conf", file_of(samples(), "admin.conf"));
  CHECK(lines(pki::scan_certificates({}, {base / "bundle.pem"})) ==
        Lines{"bundle.pem #1: kube-apiserver", "bundle.pem #2: front-proxy-client"});
  auto found = lines(pki::scan_certificates({}, {base / "admin.conf"}));
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0] + found[1], contains(": kubernetes-admin"));
}

TEST_CASE("an invalid certificate does not hide the valid ones beside it") {
  const TempDir base;
  const std::string invalid = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  put(base / "bundle.pem",
      file_of(samples(), "apiserver.crt") + invalid + file_of(samples(), "front-proxy-client.crt"));
  const auto found = pki::scan_certificates({}, {base / "bundle.pem"});
  REQUIRE(found.size() == 3);
  CHECK(found[0].certificate);
  CHECK_FALSE(found[1].certificate);
  CHECK_THAT(found[1].problem, contains("certificate 2"));
  CHECK(found[2].certificate);
}

TEST_CASE("a named file without a certificate is a problem, and one in a directory is ignored") {
  const TempDir base;
  put(base / "notes.txt", "text");
  put(base / "empty", "");
  CHECK(lines(pki::scan_certificates({}, {base / "notes.txt", base / "empty"})) ==
        Lines{"notes.txt: ! holds no certificate", "empty: ! is empty"});
  CHECK(pki::scan_certificates({}, {base.path()}).empty());
  const auto missing = pki::scan_certificates({}, {base / "none"});
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0].problem, contains("cannot read"));
}
