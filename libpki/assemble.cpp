#include "assemble.hpp"

#include <string>

#include "crypto/verify.hpp"
#include "text/kubeconfig.hpp"

namespace pki {

namespace {

using std::filesystem::path;

constexpr disk::ReadRules public_file{.max_size = disk::certificate_limit, .secret = false};
constexpr disk::ReadRules key_file{.max_size = disk::key_limit, .secret = true};
constexpr disk::ReadRules kubeconfig_file{.max_size = disk::kubeconfig_limit, .secret = true};

// Runs one parser; what it cannot read is a problem of the entry and not the end of the report.
template <class Parse>
void attempt(Entry& entry, Parse parse) {
  try {
    parse();
  } catch (const Error& error) {
    entry.problems.push_back(error.problem());
  }
}

std::string text_of(const disk::Found& found) { return {found.content.begin(), found.content.end()}; }

// Content that is there in spite of a problem (a mode that is too open) is looked at as well: one report, all faults.
void take_problem(Entry& entry, const disk::Found& found) {
  if (found.problem) entry.problems.push_back(*found.problem);
}

void read_key(Entry& entry, const Reader& read) {
  const auto found = read(entry.key_path, key_file);
  entry.key_exists = found.exists;
  take_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.key = parse_private_key(found.content, entry.key_path.string()); });
}

void read_key_pair(Entry& entry, const Reader& read) {
  const auto found = read(entry.path, public_file);
  entry.exists = found.exists;
  take_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.certificates = parse_certificates(text_of(found), entry.path.string()); });
  read_key(entry, read);
}

void read_bare_key(Entry& entry, const Reader& read) {
  const auto found = read(entry.path, public_file);
  entry.exists = found.exists;
  take_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.public_key_sha256 = parse_public_key_sha256(text_of(found), entry.path.string()); });
  read_key(entry, read);
}

void take_credentials(Entry& entry, const text::Kubeconfig& parsed) {
  const auto subject = entry.path.string();
  auto& facts = *entry.kubeconfig;
  if (!parsed.ca_pem.empty())
    attempt(entry, [&] {
      facts.ca_certificates = parse_certificates(parsed.ca_pem, subject + ": certificate-authority-data");
    });
  if (!parsed.client_certificate_pem.empty())
    attempt(entry, [&] {
      entry.certificates = parse_certificates(parsed.client_certificate_pem, subject + ": client-certificate-data");
    });
  if (!parsed.client_key_pem.empty())
    attempt(entry, [&] { entry.key = parse_private_key(parsed.client_key_pem, subject + ": client-key-data"); });
  if (parsed.client_certificate_pem.empty() && parsed.client_certificate_file.empty())
    entry.problems.push_back({subject, "no client certificate for user " + facts.user + ", expected one", {}});
  if (!parsed.client_certificate_pem.empty() && parsed.client_key_pem.empty())
    entry.problems.push_back({subject, "a client certificate without its key for user " + facts.user, {}});
}

void read_kubeconfig(Entry& entry, const Reader& read) {
  const auto found = read(entry.path, kubeconfig_file);
  entry.exists = entry.key_exists = found.exists;
  take_problem(entry, found);
  if (found.content.empty()) return;
  attempt(entry, [&] {
    const auto parsed = text::parse_kubeconfig(found.content, entry.path.string());
    entry.kubeconfig = KubeconfigFacts{
        parsed.context, parsed.cluster, parsed.user, parsed.server, {}, parsed.ca_file, parsed.client_certificate_file,
        found.content};
    take_credentials(entry, parsed);
  });
}

Entry read_entry(const CatalogRow& row, const Layout& layout, const Reader& read) {
  Entry entry;
  entry.row = &row;
  const path stem = (row.form == Form::kubeconfig ? layout.kubeconfig_dir : layout.certificates_dir) / row.path;
  const auto with = [&](const char* extension) { return path(stem.string() + extension); };
  switch (row.form) {
    case Form::key_pair:
      entry.path = with(".crt");
      entry.key_path = with(".key");
      read_key_pair(entry, read);
      break;
    case Form::bare_key:
      entry.path = with(".pub");
      entry.key_path = with(".key");
      read_bare_key(entry, read);
      break;
    case Form::kubeconfig:
      entry.path = stem;
      read_kubeconfig(entry, read);
      break;
  }
  return entry;
}

}  // namespace

Inventory assemble(const Layout& layout, const Reader& read) {
  Inventory inventory;
  inventory.layout = layout;
  for (const auto& row : catalog()) {
    auto entry = read_entry(row, layout, read);
    if (!row.issuer.empty() && !entry.certificates.empty())
      entry.signed_by_issuer = crypto::is_signed_by(entry.certificates, inventory.find(row.issuer).certificates);
    inventory.entries.push_back(std::move(entry));
  }
  return inventory;
}

}  // namespace pki
