// SPDX-License-Identifier: Apache-2.0
#include "model/trust_path.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pki::model {

const TrustPath* best_path(const Entry& entry, std::chrono::sys_seconds now) {
  return best_path(entry.trust_paths, now);
}

const TrustPath* best_path(std::span<const TrustPath> paths, std::chrono::sys_seconds now) {
  const auto rank = [&](const TrustPath& path) {
    return std::pair(path.not_before <= now && now <= path.not_after, path.not_after);
  };
  const auto best = std::ranges::max_element(paths, {}, rank);
  return best == paths.end() ? nullptr : &*best;
}

std::chrono::sys_seconds effective_end(const Entry& entry, std::chrono::sys_seconds now) {
  const auto* path = best_path(entry, now);
  const auto own = entry.certificates.front().not_after;
  return path == nullptr ? own : std::min(own, path->not_after);
}

std::string describe_place(const ChainPlace& place, const Entry& entry, const Entry* issuer) {
  const bool elsewhere = place.of_issuer && issuer != nullptr;
  const auto& certificates = elsewhere ? issuer->certificates : entry.certificates;
  const auto subject =
      place.number - 1 < certificates.size() ? certificates[place.number - 1].subject : std::string("unknown");
  return fmt::format("certificate {} of {} ({})", place.number, elsewhere ? issuer->path.string() : "the file",
                     subject);
}

std::string describe_refusal(const ChainRefusal& refusal, const std::string& place, Profile profile) {
  const auto role = profile == Profile::none ? std::string()
                    : profile == Profile::ca ? std::string(" as a CA")
                                             : fmt::format(" as chain of a {}", to_string(profile));
  return fmt::format("OpenSSL refuses {}{}: {}", place, role, refusal.reason);
}

}  // namespace pki::model
