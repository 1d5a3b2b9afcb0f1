#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pki/config.hpp>

#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// Reading is one run of parse_config: the result as far as it is known, and how problems are noted in it.
/// The typed reads give nothing, and leave the default, where a field is null, empty or of the wrong type; only the
/// last is a problem.
class Reading {
 public:
  explicit Reading(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] ClusterConfig& config() noexcept { return file_.config; }
  [[nodiscard]] const ConfigFile& file() const noexcept { return file_; }
  /// result ends the run.
  [[nodiscard]] ConfigFile&& result() noexcept;

  /// problem and warning note one thing; a line of 0 stands for the whole file, an empty field for a whole line.
  void problem(int line, const std::string& field, const std::string& message, const std::string& hint = {});
  void warning(int line, const std::string& field, const std::string& message, const std::string& hint = {});
  void wrong_type(const YamlNode& node, const std::string& field, const std::string& expected);
  /// gate_decides: a feature gate of old asks for ECDSA-P256 or, shut, for RSA-2048, whatever encryptionAlgorithm says
  /// before or after it.
  void gate_decides(bool ecdsa) noexcept { gate_ = ecdsa ? KeyAlgorithm::ecdsa_p256 : KeyAlgorithm::rsa_2048; }
  /// found notes on which line a field stands.
  void found(const std::string& field, int line) { file_.lines[field] = line; }

  [[nodiscard]] std::optional<std::string> string(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<int> number(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<bool> boolean(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<std::chrono::seconds> duration(const YamlNode& node, const std::string& field);
  [[nodiscard]] std::optional<std::vector<std::string>> strings(const YamlNode& node, const std::string& field);

 private:
  [[nodiscard]] std::string subject(int line, const std::string& field) const;
  void note(std::vector<Problem>& list, int line, const std::string& field, const std::string& message,
            const std::string& hint);

  std::string name_;
  ConfigFile file_;
  std::optional<KeyAlgorithm> gate_;
};

/// message_of is what an error says without its subject.
[[nodiscard]] std::string message_of(const Error& error);

}  // namespace pki::formats
