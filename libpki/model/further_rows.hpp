// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/config.hpp>

namespace pki::model {

/// FurtherRows is the rows of an effective catalog, not checked yet: those of default_catalog(), the optional ones, the
/// CAs and the leaves of a configuration, in this order. They refer to texts of the configuration.
class FurtherRows {
 public:
  explicit FurtherRows(const RowsConfig& config);
  FurtherRows(const FurtherRows&) = delete;
  FurtherRows& operator=(const FurtherRows&) = delete;

  [[nodiscard]] std::span<const CatalogRow> rows() const noexcept { return rows_; }
  /// Returns the field of the configuration that a row comes from, "certificates[0]"; empty for a row of
  /// default_catalog().
  [[nodiscard]] const std::string& field_of(const CatalogRow& row) const {
    return fields_[static_cast<std::size_t>(&row - rows_.data())];
  }
  /// Returns whether a row is a CA or leaf of the configuration, and none of Kubernetes.
  [[nodiscard]] bool is_own(const CatalogRow& row) const {
    return static_cast<std::size_t>(&row - rows_.data()) >= first_own_;
  }

 private:
  void add_optional(const RowsConfig& config);
  void add_authorities(const RowsConfig& config);
  void add_leaves(const RowsConfig& config);
  void spread_roles();
  void follow_etcd();
  void apply_overrides(const RowsConfig& config);

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::span<const std::string_view> keep(std::span<const std::string> texts);

  std::vector<CatalogRow> rows_;
  std::vector<std::string> fields_;  ///< of each row
  std::size_t first_own_{0};
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> lists_;
  std::deque<std::vector<Consumer>> consumers_;
};

/// Returns the validity period of a new certificate of a row.
[[nodiscard]] std::chrono::seconds validity_of(const CatalogRow& row, const ClusterConfig& config);
/// Returns the algorithm of a new key of a row.
[[nodiscard]] KeyAlgorithm algorithm_of(const CatalogRow& row, const ClusterConfig& config);

}  // namespace pki::model
