// SPDX-License-Identifier: Apache-2.0
#include "oracle.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>

#include "validity.hpp"

namespace faults {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Returns the names that an undisturbed run makes, replaces or removes.
std::set<std::string> changed(const Visible& before, const Visible& after) {
  std::set<std::string> names;
  for (const auto* one : {&before, &after})
    for (const auto& [name, content] : *one) {
      const auto a = before.find(name), b = after.find(name);
      if (a == before.end() || b == after.end() || a->second != b->second) names.insert(name);
    }
  return names;
}

bool same_in(const Visible& a, const Visible& b, const std::string& name) {
  const auto x = a.find(name), y = b.find(name);
  return x == a.end() ? y == b.end() : y != b.end() && x->second == y->second;
}

// A new file cannot be known byte for byte, as its key is new: it is there, it differs, and find_invalid checks it.
bool new_in(const Visible& seen, const Scenario& scenario, std::size_t root, const std::string& name) {
  const auto& after = scenario.new_files[root];
  if (scenario.row->exact || name == "pkigen.yaml") return same_in(seen, after, name);
  return seen.contains(name) == after.contains(name) && !same_in(seen, scenario.old_files[root], name);
}

bool is_kubeconfig(const std::string& row) { return row.ends_with(".conf"); }
bool is_of_etcd(const std::string& row) { return row.starts_with("etcd-"); }

std::size_t root_of(const std::string& row) { return is_kubeconfig(row) ? 2 : is_of_etcd(row) ? 1 : 0; }

std::string stem_of(const std::string& row) { return is_of_etcd(row) ? row.substr(row.find('-') + 1) : row; }

Words files_of(const std::string& row) {
  const auto stem = stem_of(row);
  return is_kubeconfig(row) ? Words{stem} : Words{stem + ".crt", stem + ".key"};
}

std::string ca_of(const std::string& row) {
  if (row == "front-proxy-client") return "pki/front-proxy-ca";
  return is_of_etcd(row) || row == "apiserver-etcd-client" ? "pki/etcd/ca" : "pki/ca";
}

Side side_of(const Visible& seen, const Scenario& scenario, std::size_t root, const Kept& kept, std::string& why) {
  const auto& before = scenario.old_files[root];
  const auto& after = scenario.new_files[root];
  auto names = changed(before, after);
  for (const auto& row : kept)
    for (const auto& name : files_of(row))
      if (root_of(row) == root) names.erase(name);
  for (const auto& name : changed(before, seen))
    if (!names.contains(name)) return why = name + " changed, which the command does not touch", Side::torn;
  if (names.empty()) return Side::both;
  const auto is_old = [&](const std::string& name) { return same_in(seen, before, name); };
  if (std::all_of(names.begin(), names.end(), is_old)) return Side::old_files;
  const auto wrong = std::find_if_not(names.begin(), names.end(),
                                      [&](const auto& name) { return new_in(seen, scenario, root, name); });
  if (wrong == names.end()) return Side::new_files;
  return why = *wrong + " is not as new as the others", Side::torn;
}

std::string root_text(std::size_t root) { return *root_names[root] == '\0' ? "kubeconfigs" : root_names[root]; }

bool in_transaction(const std::string& path) { return path.find(".pkigen-txn") != std::string::npos; }
bool in_backups(const std::string& path) { return path.starts_with("pki/.pkigen"); }

std::string target_of(const std::string& path) { return ".pkigen-txn/cur/" + path.substr(path.rfind('/') + 1); }

// Returns the path whose content a staged file has: the same without ".pkigen-txn/new/".
std::string final_path(const std::string& path) {
  const auto at = path.find(".pkigen-txn/");
  if (at == std::string::npos) return path;
  return path.substr(0, at) + path.substr(path.rfind('/') + 1);
}

// Who could read a file before may read it afterwards, and nobody else.
bool exposed(const Node& node, const Node* before) {
  const auto open = node.mode & 077U;
  if (open == 0) return false;
  return before == nullptr || (open & ~before->mode) != 0 || ((open & 070U) != 0 && node.gid != before->gid);
}

void check_node(const Scenario& scenario, const std::string& path, const Node& node, Findings& findings) {
  const auto found = scenario.before.find(final_path(path));
  const auto* before =
      found == scenario.before.end() || found->second.kind != Node::Kind::file ? nullptr : &found->second;
  const bool final_place = !in_transaction(path) && !in_backups(path);
  if (node.kind == Node::Kind::other) findings.push_back({Fault::leftover, path + " is no file, directory or link"});
  if (node.kind == Node::Kind::link && final_place && node.content != target_of(path))
    findings.push_back({Fault::torn, path + " is a link to " + node.content});
  if (node.kind == Node::Kind::directory && final_place && node.mode != 0755)
    findings.push_back({Fault::exposed, path + " is a directory with another mode than 0755"});
  if (node.kind != Node::Kind::file) return;
  if (holds_secret(node.content) && exposed(node, before))
    findings.push_back({Fault::exposed, path + " holds a key and others may read it"});
  if (final_place && before != nullptr && !same_access(node, *before))
    findings.push_back({Fault::exposed, path + " has another owner, mode or attribute than before"});
  if (node.names > 1) findings.push_back({Fault::torn, path + " has more than one name"});
  const bool public_file = path.ends_with(".crt") || path.ends_with(".pub");
  if (final_place && public_file && node.mode != 0644)
    findings.push_back({Fault::exposed, path + " is a public file with another mode than 0644"});
}

std::string sha256(const std::string& content) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  std::ostringstream hex;
  for (const unsigned octet : digest)
    hex << std::hex << std::setw(2) << std::setfill('0') << octet;
  return hex.str();
}

// A backup that has its name is whole, at every instant: each file has the digest of its line "MODE UID GID DIGEST
// NAME".
void check_backups(const Tree& tree, Findings& findings) {
  const std::string backups = "pki/.pkigen/backups/";
  const std::string manifest = "manifest";
  for (const auto& [path, node] : tree) {
    if (!path.starts_with(backups) || path[backups.size()] == '.' || !path.ends_with("/" + manifest)) continue;
    if (!node.content.ends_with("\nend\n")) findings.push_back({Fault::torn, path + " does not come to its end"});
    const auto place = path.substr(0, path.size() - manifest.size());
    std::istringstream lines(node.content);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string mode, uid, gid, digest, name;
      if (!(words >> mode >> uid >> gid >> digest >> name)) continue;
      const auto file = tree.find(place + name);
      if (file == tree.end() || sha256(file->second.content) != digest)
        findings.push_back({Fault::torn, place + name + " is not what the manifest of its backup says"});
    }
  }
}

bool committed(const Instant& instant) {
  return std::find(instant.sides.begin(), instant.sides.end(), Side::new_files) != instant.sides.end();
}

bool was_unfinished(const Scenario& scenario) {
  return std::any_of(scenario.before.begin(), scenario.before.end(),
                     [](const auto& one) { return in_transaction(one.first); });
}

bool all_are(const Instant& instant, Side side) {
  return std::all_of(instant.sides.begin(), instant.sides.end(), [=](Side s) { return s == side || s == Side::both; });
}

void check_leftovers(const Scenario& scenario, const Instant& now, Findings& findings) {
  for (const auto& [path, node] : now.tree) {
    const auto name = path.substr(path.rfind('/') + 1);
    const bool temporary = in_transaction(path) || (in_backups(path) && name.starts_with('.') && name != ".pkigen");
    const bool known = scenario.before.contains(path) || scenario.after.contains(path) || in_backups(path);
    if (temporary || !known) findings.push_back({Fault::leftover, path});
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A lock that says EACCES is held by another process (fcntl(2)): there is no other reason to name.
bool names_reason(const Outcome& outcome, const Injection& injection) {
  const bool lock = std::any_of(outcome.calls.begin(), outcome.calls.end(),
                                [](const Call& c) { return c.injected && c.name() == "fcntl"; });
  if (lock && injection.error == EACCES) return outcome.status == 5;
  return lower(outcome.err).find(lower(std::strerror(injection.error))) != std::string::npos;
}

// An import that cannot remove a request which has its certificate now warns, and has done its work.
bool ends_request(const Call& call) {
  const bool removes = call.name().starts_with("unlink") || call.name() == "fsync";
  return removes && to_text(call).find("/.pkigen/requests") != std::string::npos;
}

// A command may succeed in spite of an interruption or a short write, and of an error of a call that changes nothing.
bool may_cope(const Injection& injection, const Call& call) {
  if (injection.what == Injection::What::short_write || injection.error == EINTR) return true;
  return !call.mutates || call.fd == 2;
}

/// Table is what a command says about each row: "renewed" or "kept".
using Table = std::map<std::string, std::string>;

Table table_of(const Scenario& scenario, const Outcome& outcome) {
  Table table;
  if (!scenario.row->partial) return table;
  const auto names = renewable();
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string action, name;
    words >> action >> name;
    if (std::find(names.begin(), names.end(), name) != names.end()) table[name] = action;
  }
  return table;
}

// Returns whether a line "error: PATH: ..." is about a file with this path without its extension, from the site on.
bool has_error_about(const Outcome& outcome, const std::string& path) {
  std::istringstream lines(outcome.err);
  for (std::string line; std::getline(lines, line);) {
    const auto end = line.find(": ", std::strlen("error: "));
    if (!line.starts_with("error: ") || end == std::string::npos) continue;
    const auto subject = line.substr(0, end);
    for (const char* extension : {"", ".crt", ".key"})
      if (subject.ends_with("/site" + (path.empty() ? "" : "/" + path) + extension)) return true;
  }
  return false;
}

bool has_error_about_row(const Outcome& outcome, const std::string& row) {
  const std::string root = root_names[root_of(row)];
  return has_error_about(outcome, root + (root.empty() ? "" : "/") + stem_of(row));
}

// Without its directory or its CA nothing can be renewed.
bool has_error_about_place(const Outcome& outcome, const std::string& row) {
  const std::string ca = ca_of(row);
  return has_error_about(outcome, root_names[root_of(row)]) || has_error_about(outcome, ca) ||
         has_error_about(outcome, ca.substr(0, ca.rfind('/')));
}

void check_table(const Table& table, const Outcome& outcome, const Instant& instant, Findings& findings) {
  bool renews = false;
  for (const auto& row : renewable()) {
    const auto found = table.find(row);
    const bool renewed = found != table.end() && found->second == "renewed";
    renews = renews || renewed;
    if (found == table.end()) findings.push_back({Fault::message, "the table lacks " + row});
    if (renewed && has_error_about_row(outcome, row))
      findings.push_back({Fault::message, row + " is renewed, and an error is about it"});
    if (!renewed && !has_error_about_row(outcome, row) && !has_error_about_place(outcome, row))
      findings.push_back({Fault::silent, row + " is not renewed, and no error is about it, its directory or its CA"});
  }
  if (outcome.status != 1) findings.push_back({Fault::message, "rows are kept, and the exit status is not 1"});
  if (renews && !all_are(instant, Side::new_files))
    findings.push_back({Fault::silent, "rows are reported as renewed, and are not on the disk"});
  if (!renews && committed(instant)) findings.push_back({Fault::silent, "no row is reported as renewed, and some are"});
}

void check_success(const Scenario& scenario, const Injection& injection, const Outcome& outcome, const Instant& instant,
                   Findings& findings) {
  for (const auto& call : outcome.calls)
    if (call.injected && !may_cope(injection, call) && !(scenario.row->once && ends_request(call))) {
      findings.push_back({Fault::silent, "exit 0 in spite of " + to_text(call)});
      break;
    } else if (call.injected && ends_request(call) && outcome.err.find("warning: ") == std::string::npos) {
      findings.push_back({Fault::silent, "no word of " + to_text(call)});
    }
  if (!all_are(instant, Side::new_files)) findings.push_back({Fault::silent, "exit 0 and the new files are not there"});
  if (!reported_as_kept(scenario, outcome).empty())
    findings.push_back({Fault::silent, "exit 0 and some rows are kept"});
  check_leftovers(scenario, instant, findings);
}

}  // namespace

Kept reported_as_kept(const Scenario& scenario, const Outcome& outcome) {
  Kept kept;
  for (const auto& [row, action] : table_of(scenario, outcome))
    if (action != "renewed") kept.insert(row);
  return kept;
}

Instant look(const Workplace& place, const Scenario& scenario, Findings& findings, const Kept& kept) {
  Instant instant{read_tree(place.site()), see_all(place.site()), {}};
  for (std::size_t root = 0; root < instant.roots.size(); ++root) {
    std::string why;
    instant.sides[root] = side_of(instant.roots[root], scenario, root, kept, why);
    if (instant.sides[root] == Side::torn) findings.push_back({Fault::torn, root_text(root) + ": " + why});
    if (instant.sides[root] == Side::old_files) continue;
    for (const auto& wrong : find_invalid(instant.roots[root], keys_elsewhere(*scenario.row)))
      findings.push_back({Fault::torn, root_text(root) + ": " + wrong});
  }
  for (const auto& [path, node] : instant.tree)
    check_node(scenario, path, node, findings);
  check_backups(instant.tree, findings);
  return instant;
}

void check_exit(const Scenario& scenario, const Injection& injection, const Outcome& outcome, const Instant& instant,
                Findings& findings) {
  if (outcome.hung) findings.push_back({Fault::hung, "did not end"});
  if (outcome.signal != 0) findings.push_back({Fault::message, "died of signal " + std::to_string(outcome.signal)});
  if (outcome.status == 0) return check_success(scenario, injection, outcome, instant, findings);
  if (outcome.signal != 0 || outcome.hung) return;
  const auto at = outcome.err.rfind("error: ");
  const auto message = at == std::string::npos ? "" : outcome.err.substr(at);
  const bool no_stderr =
      std::any_of(outcome.calls.begin(), outcome.calls.end(), [](const Call& c) { return c.injected && c.fd == 2; });
  if (no_stderr) return;
  if (message.find('/') == std::string::npos && message.find("stdout") == std::string::npos)
    findings.push_back({Fault::message, "no path in: " + first_line(message)});
  if (injection.what == Injection::What::fail && !names_reason(outcome, injection))
    findings.push_back({Fault::message, "not the reason: " + first_line(message)});
  const auto table = table_of(scenario, outcome);
  if (!table.empty()) return check_table(table, outcome, instant, findings);
  if (committed(instant) && !was_unfinished(scenario) && message.find("in place") == std::string::npos &&
      message.find("stdout") == std::string::npos)
    findings.push_back({Fault::message, "does not say that the new files are there: " + first_line(message)});
}

void check_settled(const Scenario& scenario, const Outcome& outcome, const Instant& earlier, const Instant& now,
                   bool again, Findings& findings) {
  if (outcome.hung) findings.push_back({Fault::hung, "the next run did not end"});
  if (outcome.status != 0) findings.push_back({Fault::stuck, "the next run failed: " + first_line(outcome.err)});
  check_leftovers(scenario, now, findings);
  const bool all_old = all_are(now, Side::old_files), all_new = all_are(now, Side::new_files);
  if (!all_old && !all_new) findings.push_back({Fault::stuck, "the next run left roots on different sides"});
  if (again && !scenario.row->toggles && !all_new) findings.push_back({Fault::stuck, "to run it again did not do it"});
  if (again) return;
  if (committed(earlier) && !all_new) findings.push_back({Fault::stuck, "recovery took back what was committed"});
  for (std::size_t root = 0; root < now.roots.size(); ++root)
    if (earlier.sides[root] == Side::new_files && earlier.roots[root] != now.roots[root])
      findings.push_back({Fault::stuck, "recovery changed new files of " + root_text(root)});
}

}  // namespace faults
