// SPDX-License-Identifier: Apache-2.0
#include "model/place.hpp"

#include <filesystem>

namespace pki::model {

Entry place_of(const CatalogRow& row, const Layout& layout) {
  using std::filesystem::path;
  Entry entry;
  entry.row = &row;
  const path stem = (row.form == Form::kubeconfig ? layout.kubeconfig_dir : layout.certificates_dir) / row.path;
  const auto with = [&](const char* extension) { return path(stem.string() + extension); };
  entry.path = row.form == Form::kubeconfig ? stem : with(row.form == Form::key_pair ? ".crt" : ".pub");
  if (row.form != Form::kubeconfig) entry.key_path = with(".key");
  return entry;
}

}  // namespace pki::model
