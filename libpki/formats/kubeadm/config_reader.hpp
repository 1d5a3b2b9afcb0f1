// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pki/config.hpp>

#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// ConfigReader collects the result of one call of parse_config: the configuration and the problems. The typed reads
/// return nothing for a field that is null, empty or of the wrong type; only the last is a problem.
class ConfigReader {
 public:
  explicit ConfigReader(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] ClusterConfig& config() noexcept { return file_.config; }
  [[nodiscard]] const ConfigFile& file() const noexcept { return file_; }
  /// Returns the result; the reader is not used after it.
  [[nodiscard]] ConfigFile&& result() noexcept;

  /// problem and warning add one entry. Line 0 is the whole file, an empty field the whole line.
  void problem(Rule rule, int line, const std::string& field, std::string message, Remedy remedy = {});
  void warning(Rule rule, int line, const std::string& field, std::string message, Remedy remedy = {});
  void wrong_type(const YamlNode& node, const std::string& field, const std::string& expected);
  /// The legacy feature gate PublicKeysECDSA selects ECDSA-P256 (true) or RSA-2048 (false), and overrides
  /// encryptionAlgorithm before or after it.
  void set_ecdsa_gate(bool ecdsa) noexcept { gate_ = ecdsa ? KeyAlgorithm::ecdsa_p256 : KeyAlgorithm::rsa_2048; }
  /// found records the line of a field; what a JoinConfiguration has below controlPlane has its name in an
  /// InitConfiguration as well, by which problems of the value refer to it.
  void found(const std::string& field, int line);

  [[nodiscard]] std::optional<std::string> string(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<int> number(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<bool> boolean(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<std::chrono::seconds> duration(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<std::vector<std::string>> strings(const YamlNode& node, const std::string& field);

 private:
  [[nodiscard]] std::string subject(int line, const std::string& field) const;
  void note(std::vector<Finding>& list, Finding finding);

  std::string name_;
  ConfigFile file_;
  std::optional<KeyAlgorithm> gate_;
};

}  // namespace pki::formats
