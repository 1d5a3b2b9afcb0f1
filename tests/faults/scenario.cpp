// SPDX-License-Identifier: Apache-2.0
#include "scenario.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace faults {

namespace fs = std::filesystem;

namespace {

const Words make{
    "init",      "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const Words every_row{"renew",
                      "apiserver",
                      "apiserver-kubelet-client",
                      "front-proxy-client",
                      "etcd-server",
                      "etcd-peer",
                      "etcd-healthcheck-client",
                      "apiserver-etcd-client",
                      "admin.conf",
                      "super-admin.conf",
                      "kubelet.conf",
                      "controller-manager.conf",
                      "scheduler.conf"};
const Words request{"csr",        "create",         "apiserver", "apiserver-kubelet-client",
                    "admin.conf", "scheduler.conf", "--bundle",  "@/requests.json"};
const Words sign{"csr", "sign", "@/requests.json", "--bundle", "@/certificates.json", "--ca-key", "ca=file:@/ca.key"};
const Words import_all{"csr", "import", "@/certificates.json"};
const Words longer = with(make, {"--certificate-validity-period", "4000h"});

// One of everything that can be made again while its CA is there.
const std::vector<std::string> some{"pki/apiserver.crt", "pki/apiserver.key", "pki/sa.pub", "pki/sa.key",
                                    "pki/etcd/peer.crt", "pki/etcd/peer.key", "admin.conf", "scheduler.conf"};

// Processes of their own users read these through a group.
const std::vector<std::string> for_a_group{"pki/etcd/server.key", "scheduler.conf"};

// A user who is not root can change no group, and not every file system has attributes.
void share(const fs::path& site, const std::vector<std::string>& names) {
  constexpr gid_t group = 2345;
  for (const auto& name : names) {
    const auto path = site / name;
    if ((::geteuid() == 0 && ::chown(path.c_str(), 0, group) != 0) || ::chmod(path.c_str(), 0640) != 0)
      throw std::runtime_error("cannot share " + path.string());
    (void)::setxattr(path.c_str(), "user.owner", "team", 4, 0);
  }
}

void must(const Outcome& outcome, const Words& words) {
  if (outcome.status == 0) return;
  std::string text;
  for (const auto& word : words)
    text += word + " ";
  throw std::runtime_error(text + "failed: " + outcome.err);
}

Outcome kill_halfway(const Workplace& place, const Row& row) {
  const auto before = read_tree(place.site());
  const auto whole = trace(place.command(row.killed));
  must(whole, row.killed);
  const auto found = std::find_if(whole.calls.begin(), whole.calls.end(), [&](const Call& call) {
    return call.renames() && to_text(call).find(row.killed_after) != std::string::npos;
  });
  if (found == whole.calls.end()) throw std::runtime_error(std::string("no call is ") + row.killed_after);
  write_tree(place.site(), before);
  return trace(place.command(row.killed), {Injection::What::kill_after, found->number + row.more, 0, false});
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {.name = "init, empty directory", .run = make},
      {.name = "init, some files there", .run = make, .prepare = {make}, .missing = some},
      {.name = "init, changed configuration", .run = longer, .prepare = {make}},
      {.name = "renew all", .run = every_row, .prepare = {make}},
      // The rows above are named, and therefore renewed together or not at all. These are not.
      {.name = "renew all that can be", .run = {"renew", "all"}, .prepare = {make}, .partial = true},
      {.name = "renew one row", .run = {"renew", "apiserver"}, .prepare = {make}},
      {.name = "renew all, shared files", .run = every_row, .prepare = {make}, .shared = for_a_group},
      {.name = "undo of a renewal of shared files",
       .run = {"undo"},
       .prepare = {make, {"renew", "etcd-server", "scheduler.conf"}},
       .shared = for_a_group,
       .exact = true,
       .toggles = true},
      {.name = "undo of init", .run = {"undo"}, .prepare = {make, longer}, .exact = true, .toggles = true},
      {.name = "undo of renew all",
       .run = {"undo"},
       .prepare = {make, {"renew", "all"}},
       .exact = true,
       .toggles = true},
      {.name = "csr create", .run = request, .prepare = {make}, .away = {"pki/ca.key"}},
      {.name = "csr import", .run = import_all, .prepare = {make, request, sign}, .away = {"pki/ca.key"}, .once = true},
      {.name = "recover, half linked",
       .run = {"recover"},
       .prepare = {make},
       .killed = {"renew", "all"},
       .killed_after = "/lnk/",
       .more = 12,
       .exact = true},
      {.name = "recover, one root flipped",
       .run = {"recover"},
       .prepare = {make},
       .killed = {"renew", "all"},
       .killed_after = "/next -> ",
       .exact = true},
      {.name = "recover, flipped init", .run = {"recover"}, .killed = make, .killed_after = "/next -> ", .exact = true},
      {.name = "recover, half finished",
       .run = {"recover"},
       .prepare = {make},
       .killed = {"renew", "all"},
       .killed_after = "/fin/",
       .more = 9,
       .exact = true},
  };
  return all;
}

const Row& row_named(std::string_view name) {
  const auto found = std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.name == name; });
  if (found == rows().end()) throw std::out_of_range("no scenario " + std::string(name));
  return *found;
}

std::vector<std::string> renewable() { return {every_row.begin() + 1, every_row.end()}; }

Command Workplace::command(const Words& words) const {
  Words all{program.string()};
  for (auto word : words) {
    if (const auto at = word.find("@/"); at != std::string::npos) word.replace(at, 1, directory.string());
    all.push_back(std::move(word));
  }
  for (const auto& word :
       {std::string("--cert-dir"), (site() / "pki").string(), std::string("--kubeconfig-dir"), site().string()})
    all.push_back(word);
  if (words.front() != "check-expiration" && words != sign) all.insert(all.end(), {"--lock-timeout", "0.5"});
  return {all, site(), directory / "output"};
}

Roots see_all(const fs::path& site) {
  Roots roots;
  for (std::size_t i = 0; i < roots.size(); ++i)
    roots[i] = see(site, root_names[i]);
  return roots;
}

bool has_command(const Workplace& place, const std::string& name) {
  return run({{place.program.string(), name, "--help"}, place.site(), place.directory / "output"}).status == 0;
}

Words keys_elsewhere(const Row& row) {
  Words names;
  for (const auto& path : row.away)
    names.push_back(path.substr(path.rfind('/') + 1));
  return names;
}

void prepare(const Workplace& place, const Row& row) {
  write_tree(place.site(), {});
  for (const auto& words : row.prepare) {
    must(run(place.command(words)), words);
    if (&words != &row.prepare.front()) continue;
    share(place.site(), row.shared);
    for (const auto& name : row.away)
      fs::rename(place.site() / name, place.directory / fs::path(name).filename());
  }
  for (const auto& name : row.missing)
    fs::remove_all(place.site() / name);
}

Scenario set_up(const Workplace& place, const Row& row) {
  Scenario scenario;
  scenario.row = &row;
  prepare(place, row);
  scenario.base = read_tree(place.site());
  if (!row.killed.empty()) scenario.interrupted = kill_halfway(place, row);
  scenario.before = read_tree(place.site());
  scenario.old_files = see_all(place.site());
  scenario.reference = trace(place.command(row.run));
  must(scenario.reference, row.run);
  scenario.after = read_tree(place.site());
  scenario.new_files = see_all(place.site());
  return scenario;
}

}  // namespace faults
