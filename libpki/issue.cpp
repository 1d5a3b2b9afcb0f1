#include <pki/bundle.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "model/renewed.hpp"
#include "parallel.hpp"
#include "text/kubeconfig.hpp"

namespace pki {

namespace {

constexpr unsigned secret_mode = 0600;
constexpr unsigned public_mode = 0644;

SecretString as_content(const std::string& text) { return {text.begin(), text.end()}; }

std::string pem_of(std::span<const Certificate> certificates) {
  std::string pem;
  for (const auto& certificate : certificates)
    pem += certificate.pem;
  return pem;
}

bool needs_new_key(const Step& step) {
  return step.action == Action::create || (step.action == Action::renew && !step.reuse_key);
}

/// Signer is an issuer as the plan will leave it: its file's certificates, and its key unless it is external.
struct Signer {
  std::vector<Certificate> certificates;
  const PrivateKey* key{nullptr};
  crypto::Rules rules{crypto::Rules::issued};
  crypto::Anchors anchors{certificates};
};

/// Unverified is a new certificate, with those that follow it in its file.
struct Unverified {
  const Step* step;
  const Signer* issuer;
  std::vector<Certificate> chain;
};

class Issuing {
 public:
  Issuing(const Plan& plan, const Inventory& inventory) : inventory_(inventory) { bundle_.layout = plan.layout; }

  void add(const Step& step, const PrivateKey* key) {
    const auto& row = *step.row;
    if (step.action == Action::keep && row.is_ca()) keep_signer(row);
    if (step.action == Action::complete) add_public_key(step, *inventory_.find(row.name).key);
    if (step.action == Action::renew) renew(step, inventory_.find(row.name), key);
    if (step.action != Action::create) return;
    if (row.form == Form::bare_key) {
      write(step.key_path, secret_mode, key->pem());
      return add_public_key(step, *key);
    }
    auto certificate = row.is_ca() ? crypto::self_sign(step.spec, *key) : sign(step, *key, {});
    write_certificate(step, certificate, *key);
    if (row.is_ca()) signers_.emplace(row.name, Signer{{certificate}, key, crypto::Rules::issued});
    bundle_.issued.push_back({&row, std::move(certificate)});
  }

  void remember(const ClusterConfig& config) {
    write(bundle_.layout.remembered_config(), public_mode, as_content(to_yaml(config)));
  }

  /// verify asks OpenSSL about everything that was signed; nothing is given away before.
  void verify(unsigned threads) const {
    in_parallel(unverified_.size(), threads, [this](std::size_t i) {
      const auto& [step, issuer, chain] = unverified_[i];
      const auto reason = issuer->anchors.verify(chain, step->row->profile, step->spec.not_before, issuer->rules);
      if (!reason.empty())
        throw Error(Errc::crypto, step->path.string(), "the new certificate does not verify: " + reason);
    });
  }

  Bundle take() { return std::move(bundle_); }

 private:
  void keep_signer(const CatalogRow& row) {
    const auto& entry = inventory_.find(row.name);
    signers_.emplace(row.name, Signer{entry.certificates, entry.key ? &*entry.key : nullptr, crypto::Rules::found});
  }

  // `further` are the certificates that follow in the file; the chain is verified in the end.
  Certificate sign(const Step& step, const PrivateKey& key, std::span<const Certificate> further) {
    const auto& row = *step.row;
    const auto& issuer = signers_.at(row.issuer);
    if (issuer.key == nullptr)
      throw Error(Errc::ca_key_missing, step.path.string(),
                  "cannot be signed: the key of " + std::string(row.issuer) + " is not here",
                  "put the CA key in place, or have its holder issue the certificate");
    std::vector<Certificate> chain{crypto::sign(step.spec, key, issuer.certificates.front(), *issuer.key)};
    chain.insert(chain.end(), further.begin(), further.end());
    unverified_.push_back({&step, &issuer, std::move(chain)});
    return unverified_.back().chain.front();
  }

  // Whatever else the old file holds stays: the certificates behind the first one, and each other byte of a kubeconfig.
  void renew(const Step& step, const Entry& old, const PrivateKey* made) {
    const auto& key = made != nullptr ? *made : *old.key;
    const auto further = std::span(old.certificates).subspan(1);
    auto certificate = sign(step, key, further);
    const auto pem = certificate.pem + pem_of(further);
    if (old.kubeconfig) {
      write(step.path, secret_mode,
            text::replace_credentials(old.kubeconfig->text, step.path.string(), pem, key.pem(),
                                      completed_trust(step, *old.kubeconfig)));
    } else {
      write(step.path, public_mode, as_content(pem));
      if (made != nullptr) write(step.key_path, secret_mode, key.pem());
    }
    bundle_.issued.push_back({step.row, std::move(certificate)});
  }

  // A kubeconfig that embeds CAs must list the one on disk, and goes on to trust the others.
  std::optional<std::string> completed_trust(const Step& step, const KubeconfigFacts& kubeconfig) {
    const auto& cas = signers_.at(step.row->issuer).certificates;
    if (!lacks_ca(kubeconfig, cas.front())) return std::nullopt;
    auto pem = pem_of(cas);
    for (const auto& trusted : kubeconfig.ca_certificates)
      if (std::ranges::find(cas, trusted.pem, &Certificate::pem) == cas.end()) pem += trusted.pem;
    return pem;
  }

  void write_certificate(const Step& step, const Certificate& certificate, const PrivateKey& key) {
    if (step.row->form == Form::kubeconfig) {
      const auto& trusted = signers_.at(step.row->issuer).certificates;
      write(step.path, secret_mode,
            text::to_kubeconfig(
                {step.cluster, step.server, pem_of(trusted), step.spec.common_name, certificate.pem, key.pem()}));
      return;
    }
    write(step.path, public_mode, as_content(certificate.pem));
    write(step.key_path, secret_mode, key.pem());
  }

  void add_public_key(const Step& step, const PrivateKey& key) {
    write(step.path, public_mode, as_content(key.public_key_pem()));
  }

  void write(const std::filesystem::path& path, unsigned mode, SecretString content) {
    bundle_.files.push_back({path, mode, std::move(content)});
  }

  const Inventory& inventory_;
  std::map<std::string_view, Signer> signers_;
  std::vector<Unverified> unverified_;
  Bundle bundle_;
};

}  // namespace

Bundle issue(const Plan& plan, const Inventory& inventory, const KeyOptions& options) {
  if (!plan.conflicts.empty())
    throw Error(Errc::mismatch, plan.conflicts.front().subject, plan.conflicts.front().message,
                "solve the conflicts of the plan first");
  std::vector<KeyAlgorithm> wanted;
  for (const auto& step : plan.steps)
    if (needs_new_key(step)) wanted.push_back(parse_key_algorithm(step.algorithm));
  const auto keys = generate_private_keys(wanted, options);
  Issuing issuing(plan, inventory);
  auto next = keys.begin();
  for (const auto& step : plan.steps)
    issuing.add(step, needs_new_key(step) ? &*next++ : nullptr);
  issuing.verify(options.threads);
  if (plan.remember) issuing.remember(*plan.remember);
  return issuing.take();
}

}  // namespace pki
