#include "crypto/verify.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <pki/error.hpp>

#include "crypto/certificate.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";
constexpr std::size_t most_signatures = 100;  // of one chain; Go's limit

/// Anchor is a trusted certificate.
struct Anchor {
  Handle<X509> handle;
  Handle<X509_STORE> store;  // which holds nothing else
  Certificate facts;
  std::size_t number;  // position among the trusted certificates, from 1
};

/// Verification is the input of one run of OpenSSL's verification.
struct Verification {
  X509* certificate;
  const Anchor& anchor;
  STACK_OF(X509) * intermediates;
  std::optional<std::chrono::sys_seconds> at;  ///< empty: dates are ignored
  Strictness strictness;
};

/// Outcome is X509_V_OK or OpenSSL's reason, and the certificate that it is about; null if unknown.
struct Outcome {
  int reason;
  const X509* at;
};

std::vector<int> purposes_of(Profile profile) {
  switch (profile) {
    case Profile::server:
      return {X509_PURPOSE_SSL_SERVER};
    case Profile::client:
      return {X509_PURPOSE_SSL_CLIENT};
    case Profile::peer:
      return {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT};
    default:
      return {X509_PURPOSE_ANY};
  }
}

Outcome verify_once(const Verification& input, int purpose) {
  const auto context = own(X509_STORE_CTX_new_ex(library_context(), nullptr), action);
  check(X509_STORE_CTX_init(context.get(), input.anchor.store.get(), input.certificate, input.intermediates), action);
  auto* parameters = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  // The signature of a self-signed certificate was verified when it was described.
  if (!input.anchor.facts.self_signed) flags |= X509_V_FLAG_CHECK_SS_SIGNATURE;
  if (input.strictness == Strictness::strict) flags |= X509_V_FLAG_X509_STRICT;
  if (!input.at) flags |= X509_V_FLAG_NO_CHECK_TIME;
  check(X509_VERIFY_PARAM_set_flags(parameters, flags), action);
  check(X509_VERIFY_PARAM_set_purpose(parameters, purpose), action);
  if (input.at) X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(input.at->time_since_epoch().count()));
  if (X509_verify_cert(context.get()) == 1) return {X509_V_OK, nullptr};
  const int reason = X509_STORE_CTX_get_error(context.get());
  return {reason == X509_V_OK ? X509_V_ERR_UNSPECIFIED : reason, X509_STORE_CTX_get_current_cert(context.get())};
}

Outcome verify_for_all(const Verification& input, Profile profile) {
  for (const int purpose : purposes_of(profile)) {
    if (const auto outcome = verify_once(input, purpose); outcome.reason != X509_V_OK) return outcome;
  }
  return {X509_V_OK, nullptr};
}

/// Returns whether an anchor was just not the right one. Any other reason is worth more to the reader.
bool is_no_issuer(int reason) {
  return reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         reason == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || reason == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         reason == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

bool is_of_names(int reason) {
  return reason == X509_V_ERR_PERMITTED_VIOLATION || reason == X509_V_ERR_EXCLUDED_VIOLATION;
}

std::vector<Handle<X509>> handles_of(std::span<const Certificate> certificates) {
  std::vector<Handle<X509>> handles;
  for (const auto& certificate : certificates)
    if (auto handle = to_handle(certificate)) handles.push_back(std::move(handle));
  return handles;
}

/// Path follows signatures upwards. Each certificate is reached once and signatures are counted, so that a file with
/// many certificates of one name costs no more than a usual one.
class Path {
 public:
  Path(std::span<const Certificate> chain, std::span<const Anchor> anchors)
      : chain_(chain), anchors_(anchors), reached_(chain.size(), false), handles_(chain.size()) {}

  /// Returns whether signatures lead from `chain[i]` to an anchor.
  [[nodiscard]] bool leads_up_from(std::size_t i) {
    reached_[i] = true;
    for (const auto& anchor : anchors_) {
      if (anchor.facts.pem == chain_[i].pem) return true;
      if (anchor.facts.subject_der == chain_[i].issuer_der && verifies(i, anchor.handle.get())) return true;
    }
    for (std::size_t next = 1; next < chain_.size(); ++next) {
      if (reached_[next] || chain_[next].subject_der != chain_[i].issuer_der) continue;
      if (verifies(i, handle_of(next)) && leads_up_from(next)) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool verifies(std::size_t i, X509* issuer) {
    if (left_ == 0) return false;
    --left_;
    auto* certificate = handle_of(i);
    return certificate != nullptr && issuer != nullptr && verify_signature(certificate, issuer);
  }

  [[nodiscard]] X509* handle_of(std::size_t i) {
    if (!handles_[i]) handles_[i] = to_handle(chain_[i]);
    return handles_[i].get();
  }

  std::span<const Certificate> chain_;
  std::span<const Anchor> anchors_;
  std::vector<bool> reached_;
  std::vector<Handle<X509>> handles_;
  std::size_t left_{most_signatures};
};

/// Accepted is one path that OpenSSL accepts.
struct Accepted {
  TrustPath path;
  std::vector<std::size_t> members;  // places in the chain, the certificate itself first
  std::size_t anchor;                // place among the anchors
};

/// Search asks OpenSSL about each path of names from a certificate to an anchor.
class Search {
 public:
  Search(std::span<const Certificate> chain, std::span<const Anchor> anchors, Profile profile,
         std::span<const Profile> signs)
      : chain_(chain), anchors_(anchors), profile_(profile), signs_(signs), handles_(chain.size()) {}

  void run() {
    if (handle_of(0) == nullptr) return;
    members_.push_back(0);
    climb();
  }

  [[nodiscard]] const std::vector<Accepted>& accepted() const noexcept { return accepted_; }

  [[nodiscard]] ChainVerdict verdict() const {
    ChainVerdict result;
    for (const auto& each : accepted_)
      if (std::ranges::find(result.paths, each.path) == result.paths.end()) result.paths.push_back(each.path);
    if (result.paths.empty()) result.refusal = refusal_;
    return result;
  }

 private:
  // Tries the anchors that may have signed the last member, and each certificate of the chain that may have.
  void climb() {
    if (steps_ == most_steps) return;
    ++steps_;
    const auto& last = chain_[members_.back()];
    for (std::size_t i = 0; i < anchors_.size(); ++i) {
      const auto& facts = anchors_[i].facts;
      const bool itself = members_.size() == 1 && facts.pem == last.pem;
      if (itself || facts.subject_der == last.issuer_der) attempt(i, itself);
    }
    if (last.self_signed) return;
    for (std::size_t next = 1; next < chain_.size(); ++next) {
      if (chain_[next].subject_der != last.issuer_der || is_known(next)) continue;
      members_.push_back(next);
      climb();
      members_.pop_back();
    }
  }

  // An anchor is reached as one, and no path holds a certificate twice.
  [[nodiscard]] bool is_known(std::size_t next) const {
    const auto& pem = chain_[next].pem;
    return std::ranges::any_of(members_, [&](auto member) { return chain_[member].pem == pem; }) ||
           std::ranges::any_of(anchors_, [&](const auto& anchor) { return anchor.facts.pem == pem; });
  }

  void attempt(std::size_t anchor, bool itself) {
    signatures_ += members_.size();
    if (signatures_ > most_signatures && signatures_ > members_.size()) return;
    const auto stack = own(sk_X509_new_null(), action);
    for (const auto member : std::span(members_).subspan(1)) {
      auto* handle = handle_of(member);
      if (handle == nullptr) return;
      check(sk_X509_push(stack.get(), handle) > 0 ? 1 : 0, action);
    }
    auto outcome = verify_for_all({handle_of(0), anchors_[anchor], stack.get(), {}, Strictness::lenient}, profile_);
    if (outcome.reason == X509_V_OK) outcome = judge_authorities(anchor, itself);
    if (outcome.reason == X509_V_OK)
      accepted_.push_back({path_to(anchor, itself), members_, anchor});
    else if (!refusal_ && !is_no_issuer(outcome.reason) && outcome.reason != X509_V_ERR_CERT_SIGNATURE_FAILURE)
      refuse(outcome, anchor, itself);
  }

  // Verification takes the first member for a leaf: as a CA it has to sign others, and so have all above it.
  [[nodiscard]] Outcome judge_authorities(std::size_t anchor, bool itself) {
    if (profile_ != Profile::ca) return {X509_V_OK, nullptr};
    std::vector<X509*> path;
    for (const auto member : members_)
      path.push_back(handle_of(member));
    if (!itself) path.push_back(anchors_[anchor].handle.get());
    long below = 0;
    for (auto* each : path) {
      for (const auto profile : signs_)
        for (const int purpose : purposes_of(profile))
          if (X509_check_purpose(each, purpose, 1) == 0) return {X509_V_ERR_INVALID_PURPOSE, each};
      const long limit = X509_get_pathlen(each);
      if (each != path.front() && limit >= 0 && below > limit) return {X509_V_ERR_PATH_LENGTH_EXCEEDED, each};
      if ((X509_get_extension_flags(each) & EXFLAG_SI) == 0) ++below;
    }
    return {X509_V_OK, nullptr};
  }

  [[nodiscard]] TrustPath path_to(std::size_t anchor, bool itself) const {
    const auto& certificate = chain_.front();
    TrustPath path{certificate.not_before, certificate.not_after, {}};
    const auto take = [&](const Certificate& each, ChainPlace place) {
      path.not_before = std::max(path.not_before, each.not_before);
      if (each.not_after >= path.not_after) return;
      path.not_after = each.not_after;
      path.first_to_expire = place;
    };
    for (const auto member : std::span(members_).subspan(1))
      take(chain_[member], {false, member + 1});
    if (!itself) take(anchors_[anchor].facts, {true, anchors_[anchor].number});
    return path;
  }

  void refuse(const Outcome& outcome, std::size_t anchor, bool itself) {
    refusal_.emplace();
    refusal_->reason = X509_verify_cert_error_string(outcome.reason);
    refusal_->of_names = is_of_names(outcome.reason);
    if (!itself && outcome.at == anchors_[anchor].handle.get()) refusal_->at = {true, anchors_[anchor].number};
    for (const auto member : members_)
      if (handle_of(member) == outcome.at) refusal_->at = {false, member + 1};
  }

  [[nodiscard]] X509* handle_of(std::size_t i) {
    if (!handles_[i]) handles_[i] = to_handle(chain_[i]);
    return handles_[i].get();
  }

  static constexpr std::size_t most_steps = 1000;

  std::span<const Certificate> chain_;
  std::span<const Anchor> anchors_;
  Profile profile_;
  std::span<const Profile> signs_;
  std::vector<Handle<X509>> handles_;
  std::vector<std::size_t> members_;
  std::vector<Accepted> accepted_;
  std::optional<ChainRefusal> refusal_;
  std::size_t steps_{0};
  std::size_t signatures_{0};
};

std::vector<Anchor> anchors_of(std::span<const Certificate> trusted) {
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < trusted.size(); ++i) {
    auto handle = to_handle(trusted[i]);
    if (!handle) continue;
    // OpenSSL parses the extensions of a certificate at its first use. Here, because threads share it later.
    (void)X509_check_purpose(handle.get(), -1, 0);
    auto store = own(X509_STORE_new(), action);
    check(X509_STORE_add_cert(store.get(), handle.get()), action);
    anchors.push_back({std::move(handle), std::move(store), trusted[i], i + 1});
  }
  return anchors;
}

/// Returns the certificates of a CA's file that none of its others can have signed, by their names.
std::vector<Certificate> tops_of(std::span<const Certificate> file) {
  std::vector<Certificate> tops;
  std::ranges::copy_if(file, std::back_inserter(tops), [&](const Certificate& each) {
    return each.self_signed || std::ranges::find(file, each.issuer_der, &Certificate::subject_der) == file.end();
  });
  return tops;
}

/// Authority is the search from a CA to the last certificates of its file, which it owns.
struct Authority {
  std::vector<Anchor> anchors;
  Search search;

  Authority(std::span<const Certificate> file, std::span<const Certificate> trusted, std::span<const Profile> signs)
      : anchors(anchors_of(trusted)), search(file, anchors, Profile::ca, signs) {
    search.run();
  }
};

ChainPlace place_in(std::span<const Certificate> file, std::span<const Certificate> trusted, ChainPlace place) {
  if (!place.of_issuer) return place;
  const auto found = std::ranges::find(file, trusted[place.number - 1].pem, &Certificate::pem);
  return {false, static_cast<std::size_t>(found - file.begin()) + 1};
}

}  // namespace

struct TrustAnchors::State {
  std::vector<Anchor> anchors;
};

TrustAnchors::TrustAnchors(std::span<const Certificate> trusted) : state_(std::make_unique<State>()) {
  const QuietErrors quiet;
  state_->anchors = anchors_of(trusted);
}
TrustAnchors::TrustAnchors(TrustAnchors&&) noexcept = default;
TrustAnchors& TrustAnchors::operator=(TrustAnchors&&) noexcept = default;
TrustAnchors::~TrustAnchors() = default;

std::string TrustAnchors::verify(std::span<const Certificate> chain, Profile profile, std::chrono::sys_seconds at,
                                 Strictness strictness) const {
  const QuietErrors quiet;
  if (chain.empty()) return "there is no certificate";
  const auto leaf = to_handle(chain.front());
  if (!leaf) return "OpenSSL cannot read the certificate";
  if (profile == Profile::ca && !chain.front().is_ca) return "the certificate is not a CA";
  const auto intermediates = handles_of(chain.subspan(1));
  const auto stack = own(sk_X509_new_null(), action);
  for (const auto& handle : intermediates) {
    check(sk_X509_push(stack.get(), handle.get()) > 0 ? 1 : 0, action);
  }
  // Each anchor by itself: of several with one name OpenSSL tries the first only.
  int result = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  for (const auto& anchor : state_->anchors) {
    const int reason = verify_for_all({leaf.get(), anchor, stack.get(), at, strictness}, profile).reason;
    if (reason == X509_V_OK) return {};
    if (is_no_issuer(result)) result = reason;
  }
  return X509_verify_cert_error_string(result);
}

bool TrustAnchors::have_signed(std::span<const Certificate> chain) const {
  const QuietErrors quiet;
  return !chain.empty() && Path(chain, state_->anchors).leads_up_from(0);
}

ChainVerdict TrustAnchors::judge(std::span<const Certificate> chain, Profile profile) const {
  const QuietErrors quiet;
  if (chain.empty()) return {};
  Search search(chain, state_->anchors, profile, {});
  search.run();
  return search.verdict();
}

ChainVerdict judge_authority(std::span<const Certificate> file, std::span<const Profile> signs) {
  const QuietErrors quiet;
  if (file.empty()) return {};
  const auto judged = [&](std::span<const Certificate> trusted) {
    auto verdict = Authority(file, trusted, signs).search.verdict();
    for (auto& path : verdict.paths)
      path.first_to_expire = place_in(file, trusted, path.first_to_expire);
    if (verdict.refusal) verdict.refusal->at = place_in(file, trusted, verdict.refusal->at);
    return verdict;
  };
  auto verdict = judged(tops_of(file));
  return verdict.paths.empty() && !verdict.refusal ? judged(file.first(1)) : verdict;
}

std::vector<Certificate> chain_of_leaves(std::span<const Certificate> file) {
  const QuietErrors quiet;
  if (file.empty() || file.front().self_signed) return {};
  const Authority authority(file, tops_of(file), {});
  const auto& paths = authority.search.accepted();
  std::vector<Certificate> chain{file.front()};
  const auto best = std::ranges::max_element(paths, {}, [](const Accepted& each) { return each.path.not_after; });
  if (best == paths.end()) return chain;
  for (const auto member : std::span(best->members).subspan(1))
    chain.push_back(file[member]);
  const auto& top = authority.anchors[best->anchor].facts;
  if (!top.self_signed && top.pem != chain.back().pem) chain.push_back(top);
  return chain;
}

void check_pair(const Certificate& certificate, const PublicKey& key, const std::string& subject) {
  if (certificate.public_key_sha256 == key.sha256) return;
  throw Error(Errc::mismatch, subject,
              fmt::format("the private key ({}) does not belong to the certificate ({})", key.algorithm,
                          certificate.key_algorithm),
              "put the key back that the certificate was made for, or have both made anew");
}

}  // namespace pki::crypto
