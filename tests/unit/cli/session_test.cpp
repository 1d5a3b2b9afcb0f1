// SPDX-License-Identifier: Apache-2.0
#include "commands/session.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <support/catch.hpp>

#include "commands/failure.hpp"

using cli::ConfigUse;

namespace {

namespace fs = std::filesystem;

constexpr auto text =
    "apiVersion: kubeadm.k8s.io/v1beta4\n"
    "kind: InitConfiguration\n"
    "localAPIEndpoint:\n"
    "  advertiseAddress: 192.0.2.7\n"
    "nodeRegistration:\n"
    "  name: ";

/// A directory for a PKI, empty at first, and removed with the object.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "session-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(root_); }

  void save(const std::string& node_name) const { std::ofstream(root_ / "pkigen.yaml") << text << node_name << "\n"; }

  [[nodiscard]] cli::Request request(const std::string& given_node_name = {}) const {
    cli::ClusterOptions typed;
    typed.cert_dir = (root_ / "pki").string();
    if (!given_node_name.empty()) {
      typed.config_file = (root_ / "given.yaml").string();
      std::ofstream(typed.config_file) << text << given_node_name << "\n";
    }
    return cli::parse_request(typed);
  }

 private:
  fs::path root_;
};

}  // namespace

TEST_CASE("A session has the configuration that its command uses") {
  const Place place;
  for (const auto use : {ConfigUse::if_any, ConfigUse::if_given})
    CHECK_FALSE(open_session(place.request(), use).config);
  CHECK(open_session(place.request(), ConfigUse::always).config);

  place.save("saved-1");
  for (const auto use : {ConfigUse::always, ConfigUse::if_any})
    CHECK(open_session(place.request(), use).config.value().config.value()->node_name == "saved-1");
  CHECK_FALSE(open_session(place.request(), ConfigUse::if_given).config);

  for (const auto use : {ConfigUse::always, ConfigUse::if_any, ConfigUse::if_given})
    CHECK(open_session(place.request("given-1"), use).config.value().config.value()->node_name == "given-1");
}

TEST_CASE("A session without a lock creates nothing") {
  const Place place;
  const auto request = place.request();
  const auto session = open_session(request, ConfigUse::if_any);
  CHECK_FALSE(session.lock);
  CHECK(session.layout() == request.layout);
  CHECK_FALSE(fs::exists(request.layout.certificates_dir));
  CHECK(fs::is_empty(request.layout.kubeconfig_dir));
}

TEST_CASE("A session keeps the lock that it was opened with") {
  const Place place;
  const auto request = place.request();
  const auto session = open_session(request, ConfigUse::if_any, pki::lock(request.layout));
  CHECK(session.lock);
  CHECK_THROWS_AS(pki::lock(request.layout, std::chrono::milliseconds{0}), pki::Error);
}

TEST_CASE("Problems of a request and of a saved configuration are refused") {
  const Place place;
  CHECK_THROWS_AS(refuse_problems(place.request("Not_A_Name")), cli::InvalidConfiguration);
  CHECK_NOTHROW(refuse_problems(place.request("cp-1")));
  place.save("Not_A_Name");
  const auto session = open_session(place.request(), ConfigUse::always);
  CHECK_THROWS_AS(refuse_problems(*session.config), cli::InvalidConfiguration);
}
