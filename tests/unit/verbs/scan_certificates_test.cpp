// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include "base/base64.hpp"

using namespace std::string_literals;

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

std::vector<pki::UnmanagedCertificate> scan(const std::filesystem::path& kubelet_dir,
                                            const std::vector<std::filesystem::path>& also) {
  return pki::scan_certificates(kubelet_dir, also).certificates;
}

}  // namespace

TEST_CASE("the kubelet's certificates are read where they exist") {
  const TempDir base;
  CHECK(scan(base.path(), {}).empty());
  put(base / "kubelet.crt", file_of(samples(), "apiserver.crt"));
  put(base / "other.crt", file_of(samples(), "ca.crt"));
  const auto found = scan(base.path(), {});
  CHECK(lines(found) == Lines{"kubelet.crt: kube-apiserver"});
  CHECK(found[0].owner == "kubelet");
}

TEST_CASE("what only root may read is a result with this reason, by its own path") {
  if (::geteuid() != 0) return;
  const TempDir base;
  REQUIRE(::chmod(base.path().c_str(), 0755) == 0);
  put(base / "kubelet.crt", file_of(samples(), "apiserver.crt"), 0600);
  put(base / "closed.pem", file_of(samples(), "apiserver.crt"), 0600);
  put(base / "open.conf", "users: [{name: u, user: {client-certificate: closed.pem}}]\n");
  REQUIRE(::seteuid(65534) == 0);
  const auto found = scan(base.path(), {base / "open.conf"});
  REQUIRE(::seteuid(0) == 0);
  CHECK(lines(found) == Lines{"kubelet.crt: ! not readable by this user", "closed.pem: ! not readable by this user"});
  CHECK(found[1].path == base / "closed.pem");
}

TEST_CASE("each certificate of a bundle and of a kubeconfig is a result of its own") {
  const TempDir base;
  put(base / "bundle.pem", file_of(samples(), "apiserver.crt") + file_of(samples(), "front-proxy-client.crt"));
  put(base / "admin.conf", file_of(samples(), "admin.conf"));
  CHECK(lines(scan({}, {base / "bundle.pem"})) ==
        Lines{"bundle.pem #1: kube-apiserver", "bundle.pem #2: front-proxy-client"});
  auto found = lines(scan({}, {base / "admin.conf"}));
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0] + found[1], contains(": kubernetes-admin"));
}

TEST_CASE("an invalid certificate does not hide the valid ones beside it") {
  const TempDir base;
  const std::string invalid = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  put(base / "bundle.pem",
      file_of(samples(), "apiserver.crt") + invalid + file_of(samples(), "front-proxy-client.crt"));
  const auto found = scan({}, {base / "bundle.pem"});
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
  CHECK(lines(scan({}, {base / "notes.txt", base / "empty"})) ==
        Lines{"notes.txt: ! holds no certificate", "empty: ! is empty"});
  CHECK(scan({}, {base.path()}).empty());
  const auto missing = scan({}, {base / "none"});
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0].problem, contains("cannot read"));
}

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string indented(const std::string& text) { return "    " + replaced(text, "\n", "\n    "); }

std::string octets_of(const std::string& pem) {
  const auto begin = pem.find('\n');
  const auto octets = pki::base::parse_base64(pem.substr(begin, pem.rfind("-----END") - begin));
  REQUIRE(octets);
  return *octets;
}

/// Returns the lines for a file that is named, and for the same one in a directory.
std::pair<Lines, Lines> named_and_found(const std::string& name, const std::string& content) {
  const TempDir base;
  put(base / name, content);
  return {lines(scan({}, {base / name})), lines(scan({}, {base.path()}))};
}

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster:\n    server: "
         "https://192.0.2.1:6443\n    " +
         cluster + "\ncontexts:\n- {name: c, context: {cluster: k, user: u}}\nusers:\n- name: u\n  user:\n    " + user +
         "\n";
}

const std::string mention =
    "def is_pem(text):\n    return text.startswith(\"-----BEGIN CERTIFICATE-----\") and \"-----END "
    "CERTIFICATE-----\"\n";

}  // namespace

TEST_CASE("a certificate in DER has a date where its file is named, or is named like one") {
  const auto der = octets_of(file_of(samples(), "ca.crt"));
  for (const auto* name : {"a.crt", "a.cer", "a.der", "A.DER"}) {
    const auto [named, found] = named_and_found(name, der);
    CHECK(named == Lines{name + ": kubernetes-ca"s});
    CHECK(found == named);
  }
  for (const auto* name : {"a", "a.bin", "a.pem"}) {
    const auto [named, found] = named_and_found(name, der);
    CHECK(named == Lines{name + ": kubernetes-ca"s});
    CHECK(found.empty());
  }
  const auto [named, found] = named_and_found("cut.crt", der.substr(0, 200));
  REQUIRE(named.size() == 1);
  CHECK_THAT(named[0], contains("cut.crt: ! does not parse as a certificate in DER: "));
  CHECK(found == named);
}

TEST_CASE("an indented certificate in YAML has a date, named and in a directory") {
  const auto pem = file_of(samples(), "ca.crt");
  const std::string map = "apiVersion: v1\nkind: ConfigMap\ndata:\n  ca.crt: |\n" + indented(pem) + "\n  b: c\n";
  const std::string list = "trusted:\n  - |\n" + indented(pem) + "\n  - |\n" + indented(pem) + "\n";
  for (const auto& text : {map, replaced(map, "\n", "\r\n")}) {
    const auto [named, found] = named_and_found("cm.yaml", text);
    CHECK(named == Lines{"cm.yaml: kubernetes-ca"});
    CHECK(found == named);
  }
  const auto [named, found] = named_and_found("values.yaml", list);
  CHECK(named == Lines{"values.yaml #1: kubernetes-ca", "values.yaml #2: kubernetes-ca"});
  CHECK(found == named);
}

TEST_CASE("a text that mentions certificates concerns nobody in a directory, and is a problem where it is named") {
  const auto pem = file_of(samples(), "ca.crt");
  struct Case {
    const char* name;
    std::string content;
    const char* problem;
  };
  const std::vector<Case> cases{
      {"tool.py", mention, "mentions certificates, but holds none"},
      {"README.md", "It begins with `-----BEGIN CERTIFICATE-----`.\n", "mentions certificates, but holds none"},
      {"README.md", "```\n-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n```\n",
       "certificate 1 is not base64"},
      {"cert.sh", "cat <<X\n-----BEGIN CERTIFICATE-----\n$CERT\n-----END CERTIFICATE-----\nX\n",
       "certificate 1 is not base64"},
      {"schema.json", R"({"description": "\n-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n"})",
       "mentions certificates, but holds none"},
      {"cut.txt", "an example:\n" + pem.substr(0, 150), "certificate 1 has no END line"},
      {"store.jks", "\xfe\xed\xfe\xed\x01", "is a Java key store (JKS), expected a certificate"},
      {"store.p12", "\x30\x82\x0a\x0a\x02\x01\x03\x30\x82", "is a PKCS#12 file, expected a certificate"},
      {"apiserver.key", file_of(samples(), "apiserver.key"), "is a private key, expected a certificate"},
      {"key.pem", file_of(samples(), "apiserver.key"), "is a private key, expected a certificate"},
      {"sa.pub", file_of(samples(), "sa.pub"), "is a public key, expected a certificate"},
      {"main.go", "// client-certificate-data\nvar x = 1\n\t{\n", "expected a kubeconfig"},
      {"pod.yaml", "kind: Pod\nspec: [--kubelet-client-certificate=/x]\n", "expected Config"},
      {"token.conf", "kind: Config\nusers:\n- {name: client-certificate, user: {token: x}}\n", "holds no certificate"},
  };
  for (const auto& [name, content, problem] : cases) {
    CAPTURE(name, problem);
    const auto [named, found] = named_and_found(name, content);
    REQUIRE(named.size() == 1);
    CHECK_THAT(named[0], contains(std::string(name) + ": ! ") && contains(problem));
    CHECK(found.empty());
  }
}

TEST_CASE("a file with a certificate's name or first line is invalid in a directory, too, where it is damaged") {
  const auto pem = file_of(samples(), "ca.crt");
  const auto cut = pem.substr(0, 300);
  for (const auto* name : {"ca.crt", "ca.pem", "ca.cer", "tls", "0a1b2c3d.0"}) {
    const auto [named, found] = named_and_found(name, cut);
    CHECK(named == Lines{name + ": ! certificate 1 has no END line"s});
    CHECK(found == named);
  }
  const auto [named, found] = named_and_found("admin.conf", "users:\n- client-certificate-data: {\n");
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], contains("admin.conf: ! line "));
  CHECK(found == named);
}

TEST_CASE("a named JSON file has the certificates of its strings, and one in a directory is ignored") {
  const auto json = "{\"ca\": \"" + replaced(file_of(samples(), "ca.crt"), "\n", "\\n") + "\"}";
  const auto [named, found] = named_and_found("cm.json", json);
  CHECK(named == Lines{"cm.json: kubernetes-ca"});
  CHECK(found.empty());
}

TEST_CASE("the files that a kubeconfig names are read, relative to its directory") {
  const TempDir base;
  put(base / "d/client.crt", file_of(samples(), "front-proxy-client.crt"));
  put(base / "ca.crt", file_of(samples(), "ca.crt"));
  const auto files = kubeconfig("certificate-authority: ../ca.crt", "client-certificate: client.crt");
  put(base / "d/k.conf", files);
  const Lines both{"ca.crt: kubernetes-ca", "client.crt: front-proxy-client"};
  CHECK(lines(scan({}, {base / "d/k.conf"})) == both);
  // In a directory the client's certificate is found before the kubeconfig that names it, and has one row.
  CHECK(lines(scan({}, {base / "d"})) == Lines{"client.crt: front-proxy-client", "ca.crt: kubernetes-ca"});
  put(base / "abs", kubeconfig("certificate-authority: " + (base / "ca.crt").string(),
                               "client-certificate: " + (base / "d/client.crt").string()));
  CHECK(lines(scan({}, {base / "abs"})) == both);
  const auto found = scan({}, {base / "abs", base / "abs", base / "d/k.conf"});
  CHECK(lines(found) == both);
  CHECK(found[1].path == base / "d/client.crt");
  CHECK(found[1].place.empty());
}

TEST_CASE("an embedded certificate counts where a kubeconfig names a file as well") {
  const TempDir base;
  const auto pem = file_of(samples(), "ca.crt");
  put(base / "k.conf", kubeconfig("certificate-authority: /none",
                                  "client-certificate: /none\n    client-certificate-data: " +
                                      pki::base::to_base64(file_of(samples(), "front-proxy-client.crt"))));
  const auto found = scan({}, {base / "k.conf"});
  REQUIRE(found.size() == 2);
  CHECK(lines(found)[0] == "k.conf users[0] u: front-proxy-client");
  CHECK(found[1].problem == "clusters[0] k: refers to /none: cannot read: no such file or directory");
  CHECK(found[1].path == base / "k.conf");
  CHECK(found[1].place == "cluster k");
}

TEST_CASE("a kubeconfig that names no certificate is invalid, wherever it is") {
  const TempDir base;
  put(base / "key.pem", file_of(samples(), "apiserver.key"));
  put(base / "d/k.conf", kubeconfig("certificate-authority: ..", "client-certificate: ../key.pem"));
  const Lines wrong{
      "k.conf clusters[0] k: ! clusters[0] k: refers to " + base.path().string() + "/: is a directory, expected a file",
      "key.pem: ! is a private key, expected a certificate"};
  CHECK(lines(scan({}, {base.path()})) == wrong);
  CHECK(lines(scan({}, {base / "d/k.conf"})) == wrong);
  // A kubeconfig is no certificate, and what it names is not read then.
  put(base / "d/k.conf", kubeconfig("insecure-skip-tls-verify: true", "client-certificate: other.conf"));
  put(base / "d/other.conf", kubeconfig("certificate-authority: /none", "client-certificate: k.conf"));
  CHECK(lines(scan({}, {base / "d/k.conf"})) == Lines{"other.conf: ! holds no certificate"});
}

TEST_CASE("data in the place of a path is refused and not shown") {
  const TempDir base;
  const auto key = file_of(samples(), "apiserver.key");
  const auto one_line = replaced(key, "\n", " ");
  put(base / "k.conf", kubeconfig("insecure-skip-tls-verify: true", "client-certificate: '" + one_line + "'"));
  const auto found = lines(scan({}, {base.path()}));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], contains("found data, expected the path of a file"));
  CHECK(found[0].find(key.substr(50, 12)) == std::string::npos);
}

TEST_CASE("a file that was of no interest in a directory is a problem where it is named") {
  const TempDir base;
  put(base / "tool.py", mention);
  CHECK(lines(scan({}, {base.path(), base / "tool.py"})) == Lines{"tool.py: ! mentions certificates, but holds none"});
}

TEST_CASE("the files looked at are counted, those without certificates included") {
  const TempDir base;
  put(base / "ca.crt", file_of(samples(), "ca.crt"));
  put(base / "notes", "text");
  put(base / "d/tool.py", mention);
  std::vector<std::size_t> calls;
  const auto found = pki::scan_certificates({}, {base.path(), base / "none"},
                                            {.progress = [&](std::size_t files) { calls.push_back(files); }});
  CHECK(found.files == 4);
  CHECK(found.certificates.size() == 2);
  CHECK(calls == std::vector<std::size_t>{1, 2, 3, 4});
}
