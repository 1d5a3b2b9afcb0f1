// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <pki/bootstrap.hpp>
#include <pki/kubeconfig.hpp>

#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/file_chain.hpp"
#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/signer.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "model/place.hpp"
#include "model/plan_check.hpp"
#include "verbs/row_files.hpp"

namespace pki::inline PKI_ABI {

namespace {

using verbs::as_content;
using verbs::public_mode;
using verbs::secret_mode;

bool needs_new_key(const Step& step) {
  const auto* renew = std::get_if<Renew>(&step.what);
  return renew != nullptr ? !renew->reuse_key : step.action() == Action::create && !step.row->has_token();
}

/// Authority is an issuer as the plan will leave it: the certificates of its file, and its key unless it is external.
/// Certificate and key are decoded once, and the threads share them.
struct Authority {
  std::vector<Certificate> certificates;
  std::vector<Certificate> chain;  ///< what a certificate that it signs carries: without a root
  std::shared_ptr<const crypto::SigningKey> key;
  crypto::Strictness strictness{crypto::Strictness::strict};
  crypto::TrustAnchors anchors{certificates};
};

// The certificate of such a step is signed by a CA.
bool is_signed(const Step& step) {
  return !step.row->is_ca() && step.row->profile != Profile::none && step.spec() != nullptr;
}

/// Made is what a step has got so far.
struct Made {
  const PrivateKey* key{nullptr};  ///< where the step needs a new one
  std::string serial;              ///< of the certificate, where a CA signs it
  std::optional<Certificate> certificate;
};

class Issuing {
 public:
  Issuing(const Plan& plan, const Inventory& inventory, const IssueOptions& options)
      : plan_(plan), inventory_(inventory), options_(options), made_(plan.steps.size()) {
    bundle_.catalog = plan.catalog;
    bundle_.layout = plan.layout;
    check_signers();
    make_keys();
  }

  void make_authorities() {
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const auto& step = plan_.steps[i];
      if (!step.row->is_ca() || step.action() != Action::create) continue;
      auto key = std::make_shared<const crypto::SigningKey>(*made_[i].key);
      made_[i].certificate = make_authority(step, *key);
      auto chain = step.row->issuer.empty() ? std::vector<Certificate>() : authorities_.at(step.row->issuer).chain;
      if (!step.row->issuer.empty()) chain.insert(chain.begin(), *made_[i].certificate);
      authorities_.emplace(
          step.row->name,
          Authority{{*made_[i].certificate}, std::move(chain), std::move(key), crypto::Strictness::strict});
    }
  }

  /// sign_all signs, and asks OpenSSL about everything that was signed; nothing is given away before.
  void sign_all() {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < made_.size(); ++i) {
      if (!is_signed(plan_.steps[i])) continue;
      find_issuer(plan_.steps[i]);
      made_[i].serial = serial_for(plan_.steps[i]);
      places.push_back(i);
    }
    base::in_parallel(places.size(), options_.threads, [&](std::size_t i) {
      base::refuse_stopped(options_.stop);
      sign(plan_.steps[places[i]], made_[places[i]]);
    });
  }

  void write_all() {
    for (std::size_t i = 0; i < made_.size(); ++i)
      add(plan_.steps[i], made_[i]);
  }

  void save_config(const ClusterConfig& config) {
    write(bundle_.layout.saved_config(), public_mode, as_content(to_yaml(config)));
  }

  Bundle take() { return std::move(bundle_); }

 private:
  // A signer that is not the key of its CA is found before any key is made.
  void check_signers() const {
    for (const auto& [name, signer] : options_.signers) {
      const auto& row = plan_.catalog.find_row(name);
      const auto step = std::ranges::find(plan_.steps, row.name, [](const Step& each) { return each.row->name; });
      if (step != plan_.steps.end() && step->action() == Action::create)
        throw Error(Errc::mismatch, step->path.string(),
                    "the plan makes a new key for this CA, and its key is given: " + signer.uri());
      if (const auto* ca = inventory_.find(row.name).certificate()) check_pair(signer, *ca);
    }
    // These throw for an unknown one.
    for (const auto& [name, key] : options_.keys)
      (void)plan_.catalog.find_row(name);
    for (const auto& [name, token] : options_.tokens)
      (void)plan_.catalog.find_row(name);
  }

  // The keys of the plan, in the order of its steps: those that are given, and new ones.
  void make_keys() {
    std::vector<KeyAlgorithm> wanted;
    for (const auto& step : plan_.steps)
      if (needs_new_key(step) && given_key(step) == nullptr) wanted.push_back(parse_key_algorithm(step.algorithm()));
    generated_ = generate_private_keys(
        wanted, {.threads = options_.threads, .progress = options_.progress, .stop = options_.stop});
    auto next = generated_.begin();
    for (std::size_t i = 0; i < made_.size(); ++i) {
      if (!needs_new_key(plan_.steps[i])) continue;
      const auto* given = given_key(plan_.steps[i]);
      made_[i].key = given != nullptr ? given : &*next++;
    }
  }

  [[nodiscard]] const PrivateKey* given_key(const Step& step) const {
    const auto found = options_.keys.find(step.row->name);
    if (found == options_.keys.end()) return nullptr;
    const auto& algorithm = found->second.algorithm();
    if (algorithm != step.algorithm())
      throw Error(Errc::mismatch, step.path.string(),
                  "the given key is " + algorithm + ", planned is " + step.algorithm());
    return &found->second;
  }

  [[nodiscard]] std::string serial_for(const Step& step) const {
    return options_.serial ? options_.serial(*step.row) : crypto::random_serial();
  }

  // A CA that the plan does not make is the one of the inventory.
  void keep_authority(std::string_view name) {
    const auto& entry = inventory_.find(name);
    authorities_.emplace(entry.row->name,
                         Authority{entry.certificates, crypto::chain_of_leaves(entry.certificates),
                                   crypto::key_of_ca(entry, options_.signers), crypto::Strictness::lenient});
  }

  const Authority& find_issuer(const Step& step) {
    const auto issuer = step.row->issuer;
    if (!authorities_.contains(issuer)) keep_authority(issuer);
    const auto& authority = authorities_.at(issuer);
    if (!authority.key)
      throw Error(Errc::ca_key_missing, step.path.string(),
                  "cannot be signed: the key of " + std::string(issuer) + " is not here",
                  "put the CA key in place, or have its holder issue the certificate");
    return authority;
  }

  Certificate make_authority(const Step& step, const crypto::SigningKey& key) {
    const auto& spec = *step.spec();
    if (step.row->issuer.empty()) return crypto::self_sign(spec, key, serial_for(step));
    const auto& issuer = find_issuer(step);
    auto certificate = crypto::sign(spec, key.public_key(), issuer.certificates.front(), *issuer.key, serial_for(step));
    verify(step, issuer, {&certificate, 1});
    return certificate;
  }

  static void verify(const Step& step, const Authority& issuer, std::span<const Certificate> chain) {
    const auto reason = issuer.anchors.verify(chain, step.row->profile, step.spec()->not_before, issuer.strictness);
    if (!reason.empty())
      throw Error(Errc::crypto, step.path.string(), "the new certificate does not verify: " + reason);
  }

  /// old_of is what a renewal replaces.
  [[nodiscard]] const Entry* old_of(const Step& step) const {
    return step.action() == Action::renew ? &inventory_.find(step.row->name) : nullptr;
  }

  [[nodiscard]] const PrivateKey& key_of(const Step& step, const Made& made) const {
    return made.key != nullptr ? *made.key : *old_of(step)->key;
  }

  void sign(const Step& step, Made& made) const {
    const auto& spec = *step.spec();
    const auto& issuer = authorities_.at(step.row->issuer);
    std::vector<Certificate> chain{crypto::sign(spec, crypto::public_key_of(key_of(step, made)),
                                                issuer.certificates.front(), *issuer.key, made.serial)};
    chain.insert(chain.end(), issuer.chain.begin(), issuer.chain.end());
    verify(step, issuer, chain);
    made.certificate = std::move(chain.front());
  }

  void add(const Step& step, Made& made) {
    const auto& row = *step.row;
    if (step.action() == Action::complete) add_public_key(step, *inventory_.find(row.name).key);
    if (step.action() == Action::create && row.form == Form::bare_key) {
      write(step.key_path, secret_mode, made.key->pem());
      add_public_key(step, *made.key);
    }
    if (step.action() == Action::create && row.has_token()) write_token(step, std::get<Create>(step.what));
    if (!made.certificate) return;
    write_certificate(step, made, key_of(step, made));
    bundle_.issued.push_back({&row, *std::move(made.certificate)});
  }

  // A certificate without an issuer is trusted by itself, and comes without a chain.
  void write_certificate(const Step& step, const Made& made, const PrivateKey& key) {
    const bool is_signed = !step.row->issuer.empty();
    const auto* issuer = is_signed ? &authorities_.at(step.row->issuer) : nullptr;
    const auto trusted = trusted_by(*step.row);
    const verbs::NewCertificate ready{
        *made.certificate,
        issuer != nullptr ? std::span<const Certificate>(issuer->chain) : std::span<const Certificate>(), trusted, key,
        made.key != nullptr};
    if (const auto* old = old_of(step)) return add(verbs::replaced_files(*old, ready));
    const auto& create = std::get<Create>(step.what);
    add(verbs::new_files(model::place_of(*step.row, plan_.layout), ready, create.cluster, create.server));
  }

  void write_token(const Step& step, const Create& create) {
    const auto given = options_.tokens.find(step.row->name);
    const auto token = given != options_.tokens.end() ? given->second : generate_bootstrap_token();
    const KubeconfigSpec spec{create.cluster, create.server, trusted_by(*step.row), create.spec.common_name};
    write(step.path, secret_mode, to_kubeconfig(spec, token));
  }

  void add(std::vector<File> files) {
    for (auto& file : files)
      bundle_.files.push_back(std::move(file));
  }

  // An API server that another CA above the issuer certified has to be trusted as well.
  [[nodiscard]] std::vector<Certificate> trusted_by(const CatalogRow& row) const {
    std::vector<Certificate> trusted;
    for (auto name = row.issuer; !name.empty(); name = row_of(name).issuer)
      verbs::add_trusted(trusted, certificates_of(name));
    return trusted;
  }

  [[nodiscard]] const CatalogRow& row_of(std::string_view name) const {
    const auto step = std::ranges::find(plan_.steps, name, [](const Step& each) { return each.row->name; });
    return step != plan_.steps.end() ? *step->row : *inventory_.find(name).row;
  }

  // The key of a CA that signs nothing here is not asked for.
  [[nodiscard]] const std::vector<Certificate>& certificates_of(std::string_view ca) const {
    const auto known = authorities_.find(ca);
    return known != authorities_.end() ? known->second.certificates : inventory_.find(ca).certificates;
  }

  void add_public_key(const Step& step, const PrivateKey& key) {
    write(step.path, public_mode, as_content(key.public_key_pem()));
  }

  void write(const std::filesystem::path& path, unsigned mode, SecretString content) {
    bundle_.files.push_back({path, mode, std::move(content)});
  }

  const Plan& plan_;
  const Inventory& inventory_;
  const IssueOptions& options_;
  std::vector<PrivateKey> generated_;
  std::vector<Made> made_;
  std::map<std::string_view, Authority> authorities_;
  Bundle bundle_;
};

}  // namespace

Bundle issue(const Plan& plan, const Inventory& inventory, const IssueOptions& options) {
  model::check_plan(plan, inventory);
  Issuing issuing(plan, inventory, options);
  issuing.make_authorities();
  issuing.sign_all();
  issuing.write_all();
  if (plan.config_to_save) issuing.save_config(*plan.config_to_save);
  return issuing.take();
}

}  // namespace pki::inline PKI_ABI
