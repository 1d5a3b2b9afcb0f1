// SPDX-License-Identifier: Apache-2.0
#include "crypto/file_chain.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "crypto/anchor.hpp"
#include "crypto/openssl.hpp"
#include "crypto/path_search.hpp"

namespace pki::crypto {

namespace {

/// Returns the certificates of a file that none of its others can have signed, by their names.
std::vector<Certificate> tops_of(std::span<const Certificate> file) {
  std::vector<Certificate> tops;
  std::ranges::copy_if(file, std::back_inserter(tops), [&](const Certificate& each) {
    return each.self_signed || std::ranges::find(file, each.issuer_der, &Certificate::subject_der) == file.end();
  });
  return tops;
}

/// FileSearch is the search from a certificate to the last ones of its file, which it owns.
struct FileSearch {
  std::vector<Anchor> anchors;
  PathSearch search;

  FileSearch(std::span<const Certificate> file, std::span<const Certificate> trusted, Profile profile,
             std::span<const Profile> signs)
      : anchors(anchors_of(trusted)), search(file, anchors, profile, signs) {}
};

ChainPlace place_in(std::span<const Certificate> file, std::span<const Certificate> trusted, ChainPlace place) {
  if (!place.of_issuer) return place;
  const auto found = std::ranges::find(file, trusted[place.number - 1].pem, &Certificate::pem);
  return {false, static_cast<std::size_t>(found - file.begin()) + 1};
}

ChainVerdict judge_within(std::span<const Certificate> file, Profile profile, std::span<const Profile> signs) {
  const QuietErrors quiet;
  if (file.empty()) return {};
  const auto judged = [&](std::span<const Certificate> trusted) {
    auto verdict = FileSearch(file, trusted, profile, signs).search.verdict();
    for (auto& path : verdict.paths)
      path.first_to_expire = place_in(file, trusted, path.first_to_expire);
    if (verdict.refusal) verdict.refusal->at = place_in(file, trusted, verdict.refusal->at);
    return verdict;
  };
  auto verdict = judged(tops_of(file));
  return verdict.paths.empty() && !verdict.refusal ? judged(file.first(1)) : verdict;
}

}  // namespace

ChainVerdict judge_file(std::span<const Certificate> file, Profile profile) { return judge_within(file, profile, {}); }

ChainVerdict judge_authority(std::span<const Certificate> file, std::span<const Profile> signs) {
  return judge_within(file, Profile::ca, signs);
}

std::vector<ChainRefusal> judge_trusted(std::span<const Certificate> trusted) {
  constexpr std::array servers{Profile::server};
  std::vector<ChainRefusal> refusals;
  for (std::size_t i = 0; i < trusted.size(); ++i) {
    auto refusal = judge_authority(trusted.subspan(i, 1), servers).refusal;
    if (!refusal) continue;
    refusal->at = {false, i + 1};
    refusals.push_back(std::move(*refusal));
  }
  return refusals;
}

std::vector<Certificate> chain_of_leaves(std::span<const Certificate> file) {
  const QuietErrors quiet;
  if (file.empty() || file.front().self_signed) return {};
  const FileSearch found(file, tops_of(file), Profile::ca, {});
  const auto& paths = found.search.accepted();
  std::vector<Certificate> chain{file.front()};
  const auto best = std::ranges::max_element(paths, {}, [](const Accepted& each) { return each.path.not_after; });
  if (best == paths.end()) return chain;
  for (const auto member : std::span(best->members).subspan(1))
    chain.push_back(file[member]);
  const auto& top = found.anchors[best->anchor].facts;
  if (!top.self_signed && top.pem != chain.back().pem) chain.push_back(top);
  return chain;
}

}  // namespace pki::crypto
