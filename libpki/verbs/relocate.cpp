// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <map>
#include <string>
#include <utility>

#include "model/place.hpp"

namespace pki::inline PKI_ABI {

namespace {

using std::filesystem::path;

// Each path of `from` with that of the same file in `to`.
std::map<path, path> places_of(const Layout& from, const Layout& to, const Catalog& catalog) {
  std::map<path, path> places;
  for (const auto& row : catalog.rows()) {
    const auto old_place = model::place_of(row, from);
    const auto new_place = model::place_of(row, to);
    places[old_place.path.lexically_normal()] = new_place.path;
    if (!old_place.key_path.empty()) places[old_place.key_path.lexically_normal()] = new_place.key_path;
  }
  places[from.saved_config().lexically_normal()] = to.saved_config();
  return places;
}

// The configuration of another host, or of other directories, stays as it is.
void name_directories(SecretString& content, const std::string& subject, const Layout& from, const Layout& to) {
  auto saved = parse_config(content, subject);
  if (!saved.problems.empty()) throw Error(Errc::malformed, std::move(saved.problems));
  auto& layout = saved.config.layout;
  if (layout.certificates_dir.lexically_normal() != from.certificates_dir.lexically_normal()) return;
  layout = to;
  const auto text = to_yaml(saved.config);
  content.assign(text.begin(), text.end());
}

}  // namespace

std::vector<File> relocated(std::vector<File> files, const Layout& from, const Layout& to, const Catalog& catalog) {
  const auto places = places_of(from, to, catalog);
  for (auto& file : files) {
    const auto place = places.find(file.path.lexically_normal());
    if (place == places.end())
      throw Error(Errc::mismatch, file.path.string(),
                  "is not a file of " + from.certificates_dir.string() + " or " + from.kubeconfig_dir.string());
    if (place->second == to.saved_config()) name_directories(file.content, file.path.string(), from, to);
    file.path = place->second;
  }
  return files;
}

Bundle relocated(Bundle bundle, const Layout& layout) {
  bundle.files = relocated(std::move(bundle.files), bundle.layout, layout, bundle.catalog);
  bundle.layout = layout;
  return bundle;
}

}  // namespace pki::inline PKI_ABI
