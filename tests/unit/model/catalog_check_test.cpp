// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/error.hpp>
#include <pki/inventory.hpp>
#include <pki/plan.hpp>

#include "inventory_builder.hpp"

using pki::Catalog;
using pki::CatalogRow;
using pki::Form;
using pki::Profile;
using pki::Role;

namespace {

/// Rows is a small catalog, valid until a test changes it.
struct Rows {
  CatalogRow ca{.name = "vpn-ca", .profile = Profile::ca, .common_name = {"vpn", "vpn"}, .path = "vpn-ca"};
  CatalogRow leaf{.name = "vpn",
                  .issuer = "vpn-ca",
                  .profile = Profile::server,
                  .common_name = {"{node_name}", "{node_name}"},
                  .path = "etcd/vpn"};
  CatalogRow kubeconfig{.name = "vpn.conf",
                        .issuer = "vpn-ca",
                        .form = Form::kubeconfig,
                        .common_name = {"vpn", "vpn"},
                        .server = "{local_url}",
                        .path = "vpn.conf"};
  CatalogRow key{.name = "token", .profile = Profile::none, .form = Form::bare_key, .path = "token"};

  [[nodiscard]] std::vector<CatalogRow> list() const { return {ca, leaf, kubeconfig, key}; }
};

constexpr std::array<std::string_view, 1> alias_ca{"ca"};
constexpr std::array<std::string_view, 1> alias_leaf{"vpn"};
constexpr std::array<std::string_view, 2> alias_twice{"v", "v"};
constexpr std::array<std::string_view, 1> alias_empty{""};
constexpr std::array<std::string_view, 1> san_unknown{"{nothing}"};
constexpr std::array<std::string_view, 1> san_open{"a.{node_name"};
constexpr std::array<std::string_view, 1> san_two{"{node_name}.{dns_domain}"};
constexpr std::array<std::string_view, 3> san_good{"{common_name}", "x.{dns_domain}", "{control_plane_host}"};

struct Case {
  const char* what;
  std::function<void(Rows&)> change;
  std::string subject;  ///< empty: valid
  std::string message;
};

const Case cases[] = {
    {"nothing changed", [](Rows&) {}, "", ""},
    {"an alias", [](Rows& r) { r.ca.aliases = alias_ca; }, "", ""},
    {"names with placeholders", [](Rows& r) { r.leaf.sans = san_good; }, "", ""},
    {"an organization of several values",
     [](Rows& r) {
       r.leaf.organization = {"{control_plane_host}", ""};
     },
     "", ""},
    {"the highest port", [](Rows& r) { r.leaf.served_on = 65535; }, "", ""},
    {"shared by all control planes", [](Rows& r) { r.ca.shared = true; }, "", ""},
    {"a kubeconfig with the path of a key pair", [](Rows& r) { r.kubeconfig.path = "vpn-ca"; }, "", ""},
    {"a kubeconfig in a subdirectory", [](Rows& r) { r.kubeconfig.path = "etcd/vpn.conf"; }, "vpn.conf", "its path"},
    {"no name", [](Rows& r) { r.key.name = ""; }, "", "empty or a duplicate"},
    {"a name twice", [](Rows& r) { r.kubeconfig.name = "token"; }, "token", "empty or a duplicate"},
    {"the name of another row as alias", [](Rows& r) { r.ca.aliases = alias_leaf; }, "vpn-ca", "empty or a duplicate"},
    {"an alias twice", [](Rows& r) { r.ca.aliases = alias_twice; }, "vpn-ca", "empty or a duplicate"},
    {"its own name as alias", [](Rows& r) { r.leaf.aliases = alias_leaf; }, "vpn", "empty or a duplicate"},
    {"an empty alias", [](Rows& r) { r.leaf.aliases = alias_empty; }, "vpn", "empty or a duplicate"},
    {"an unknown issuer", [](Rows& r) { r.leaf.issuer = "ca"; }, "vpn", "not an earlier CA"},
    {"an issuer that is no CA", [](Rows& r) { r.kubeconfig.issuer = "vpn"; }, "vpn.conf", "not an earlier CA"},
    {"a later issuer", [](Rows& r) { std::swap(r.ca, r.leaf); }, "vpn", "not an earlier CA"},
    {"its own issuer", [](Rows& r) { r.leaf.issuer = "vpn"; }, "vpn", "not an earlier CA"},
    {"a leaf without issuer", [](Rows& r) { r.leaf.issuer = ""; }, "vpn", "a leaf needs an issuer"},
    {"a bare key with issuer", [](Rows& r) { r.key.issuer = "vpn-ca"; }, "token", "a bare key has none"},
    {"a leaf without profile", [](Rows& r) { r.leaf.profile = Profile::none; }, "vpn", "profile does not fit"},
    {"a bare key with profile", [](Rows& r) { r.key.profile = Profile::peer; }, "token", "profile does not fit"},
    {"a server's kubeconfig", [](Rows& r) { r.kubeconfig.profile = Profile::server; }, "vpn.conf", "does not fit"},
    {"a common name under one naming only", [](Rows& r) { r.leaf.common_name.kubeadm = ""; }, "vpn", "common name"},
    {"a bare key with common name",
     [](Rows& r) {
       r.key.common_name = {"a", "a"};
     },
     "token", "common name"},
    {"a kubeconfig without server", [](Rows& r) { r.kubeconfig.server = ""; }, "vpn.conf", "needs a server"},
    {"a key pair with server", [](Rows& r) { r.leaf.server = "{local_url}"; }, "vpn", "needs a server"},
    {"an unknown placeholder", [](Rows& r) { r.leaf.sans = san_unknown; }, "vpn", "placeholder"},
    {"an unfinished placeholder", [](Rows& r) { r.leaf.sans = san_open; }, "vpn", "placeholder"},
    {"two placeholders in one text", [](Rows& r) { r.leaf.sans = san_two; }, "vpn", "placeholder"},
    {"a common name of itself", [](Rows& r) { r.leaf.common_name.kubeadm = "{common_name}"; }, "vpn", "placeholder"},
    {"a common name that may have no value", [](Rows& r) { r.leaf.common_name.recommended = "{control_plane_host}"; },
     "vpn", "placeholder"},
    {"a server that may have several values", [](Rows& r) { r.kubeconfig.server = "{apiserver_extra_sans}"; },
     "vpn.conf", "placeholder"},
    {"no role", [](Rows& r) { r.leaf.roles = {}; }, "vpn", "no role"},
    {"shared, but not on all control planes",
     [](Rows& r) {
       r.ca.shared = true;
       r.ca.roles = {Role::first_control_plane, Role::ca_host};
     },
     "vpn-ca", "no role, or is shared"},
    {"a negative port", [](Rows& r) { r.leaf.served_on = -1; }, "vpn", "port"},
    {"a port above the highest", [](Rows& r) { r.leaf.served_on = 65536; }, "vpn", "port"},
    {"a CA under another one", [](Rows& r) { r.ca.path_length = 0; }, "", ""},
    {"a path length of a leaf", [](Rows& r) { r.leaf.path_length = 0; }, "vpn", "path length is not that of a CA"},
    {"a negative path length", [](Rows& r) { r.ca.path_length = -1; }, "vpn-ca", "from 0 to 127"},
    {"a path length above the highest", [](Rows& r) { r.ca.path_length = 128; }, "vpn-ca", "from 0 to 127"},
    {"a negative validity period", [](Rows& r) { r.leaf.validity = std::chrono::seconds{-1}; }, "vpn", "negative"},
    {"an unknown placeholder of a further organization", [](Rows& r) { r.leaf.further_organizations = san_unknown; },
     "vpn", "placeholder"},
    {"the files of another row", [](Rows& r) { r.key.path = "etcd/vpn"; }, "vpn", "the same path"},
};

}  // namespace

TEST_CASE("a catalog that contradicts itself is refused, with the row and the reason") {
  for (const auto& [what, change, subject, message] : cases) {
    CAPTURE(what);
    Rows rows;
    change(rows);
    const auto list = rows.list();
    const auto problems = pki::check_catalog(list);
    if (message.empty()) {
      CHECK(problems.empty());
      CHECK(Catalog(list).rows().size() == list.size());
      continue;
    }
    REQUIRE_FALSE(problems.empty());
    CHECK(problems.front().subject == subject);
    CHECK_THAT(problems.front().message, contains(message));
    CHECK_THROWS_AS(Catalog(list), pki::Error);
  }
}

TEST_CASE("a path that no transaction can write is refused") {
  for (const auto& path :
       {std::string(), std::string("/"), std::string("/etc/x"), std::string("a/"), std::string("a//b"),
        std::string("a/b"), std::string("."), std::string(".."), std::string("../a"), std::string("etcd/"),
        std::string("etcd/.."), std::string("etcd/../a"), std::string("etcd/a/b"), std::string("etcd//a"),
        std::string(".pkigen.lock"), std::string("etcd/.pkigen"), std::string("a\nb"), std::string("a\0b", 3),
        std::string(252, 'a')}) {
    CAPTURE(path);
    Rows rows;
    rows.leaf.path = path;
    const auto problems = pki::check_catalog(rows.list());
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems.front().message, contains("its path"));
  }
  for (const auto& path : {std::string("a"), std::string("..a"), std::string("a.."), std::string("etcd/.a"),
                           std::string("etcd"), std::string(251, 'a')}) {
    CAPTURE(path);
    Rows rows;
    rows.leaf.path = path;
    CHECK(pki::check_catalog(rows.list()).empty());
  }
}

TEST_CASE("a CA above allows as many CAs below it as its path length says") {
  const CatalogRow root{.name = "root", .profile = Profile::ca, .common_name = {"r", "r"}, .path = "root"};
  const CatalogRow middle{
      .name = "middle", .issuer = "root", .profile = Profile::ca, .common_name = {"m", "m"}, .path = "middle"};
  const CatalogRow lowest{
      .name = "lowest", .issuer = "middle", .profile = Profile::ca, .common_name = {"l", "l"}, .path = "lowest"};
  struct Lengths {
    std::optional<int> root;
    std::optional<int> middle;
    const char* refused;
  };
  for (const auto& [of_root, of_middle, refused] : std::initializer_list<Lengths>{{{}, {}, ""},
                                                                                  {2, 1, ""},
                                                                                  {9, 9, ""},
                                                                                  {{}, 0, "lowest"},
                                                                                  {1, {}, "lowest"},
                                                                                  {1, 1, "lowest"},
                                                                                  {0, {}, "middle"}}) {
    CAPTURE(of_root.value_or(-1), of_middle.value_or(-1));
    std::vector<CatalogRow> rows{root, middle, lowest};
    rows[0].path_length = of_root;
    rows[1].path_length = of_middle;
    const auto problems = pki::check_catalog(rows);
    CHECK((problems.empty() ? "" : problems.front().subject) == refused);
  }
}

TEST_CASE("every problem of a catalog is listed at once") {
  Rows rows;
  rows.ca.path = "";
  rows.leaf.issuer = "nobody";
  rows.leaf.served_on = -1;
  rows.key.roles = {};
  std::string subjects;
  for (const auto& problem : pki::check_catalog(rows.list()))
    subjects += problem.subject + " ";
  CHECK(subjects == "vpn-ca vpn vpn token ");
}

TEST_CASE("the default catalog passes the checks, an empty one as well") {
  CHECK(pki::check_catalog(pki::default_catalog().rows()).empty());
  CHECK(Catalog({}).rows().empty());
}

TEST_CASE("a catalog owns its texts, and a copy keeps them alive") {
  std::unique_ptr<Catalog> copy;
  const CatalogRow* row = nullptr;
  {
    const std::string name(40, 'n');
    const std::string alias(40, 'a');
    const std::string process(40, 'p');
    const std::array<std::string_view, 1> aliases{alias};
    const std::array consumers{pki::Consumer{process, pki::ReloadMode::automatic}};
    Rows rows;
    rows.leaf.name = name;
    rows.leaf.aliases = aliases;
    rows.leaf.consumers = consumers;
    const Catalog catalog(rows.list());
    row = &catalog.find_row(name);
    copy = std::make_unique<Catalog>(catalog);
  }
  CHECK(&copy->find_row(std::string(40, 'a')) == row);
  CHECK(row->name == std::string(40, 'n'));
  REQUIRE(row->consumers.size() == 1);
  CHECK(row->consumers.front().process == std::string(40, 'p'));
  CHECK((row->consumers.front().reload_mode == pki::ReloadMode::automatic));
}

TEST_CASE("a plan keeps the catalog of its inventory alive") {
  pki::Plan plan;
  {
    pki::Inventory inventory{.catalog = Catalog(Rows{}.list()), .layout = {"/k/pki", "/k"}};
    for (const auto& row : inventory.catalog.rows())
      inventory.entries.push_back(build::absent_entry(row, build::config()));
    plan = build::plan_init(build::config(), inventory, build::now);
  }
  CHECK(plan.conflicts.empty());
  REQUIRE(plan.steps.size() == 4);
  CHECK(plan.steps[1].row == &plan.catalog.find_row("vpn"));
  REQUIRE(plan.steps[1].spec() != nullptr);
  CHECK(plan.steps[1].spec()->common_name == "cp-1");
}

TEST_CASE("a row of another catalog cannot be planned") {
  auto inventory = build::nothing(build::config());
  const Catalog other(Rows{}.list());
  const CatalogRow* rows[] = {&other.find_row("vpn")};
  CHECK_THROWS_AS(build::plan_init(build::config(), inventory, build::now, rows), pki::Error);
  CHECK_THROWS_AS(pki::plan_renew(nullptr, inventory, build::now, {.rows = {rows[0]}}), pki::Error);
}
