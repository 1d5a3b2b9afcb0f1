// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeadm/config_rows.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "formats/kubeadm/config_fields.hpp"
#include "formats/kubeadm/config_values.hpp"

namespace pki::formats {

namespace {

using Node = YamlNode;
using Path = std::string;

RowsConfig& rows(ConfigReader& reader) {
  auto& rows = reader.config().rows;
  return rows ? *rows : rows.emplace();
}

// The fields of an item are those of the last row.
CaConfig& ca(ConfigReader& reader) { return rows(reader).authorities.back(); }
LeafConfig& leaf(ConfigReader& reader) { return rows(reader).leaves.back(); }
RowOverride& change(ConfigReader& reader) { return rows(reader).overrides.back(); }
ConsumerConfig& consumer(ConfigReader& reader) { return leaf(reader).consumers.back(); }

template <class Make>
void parse_objects(ConfigReader& reader, const Node& node, const Path& path, Make make_item,
                   std::span<const Field> fields) {
  if (node.kind != Node::Kind::list) return reader.wrong_type(node, path, "a list of objects");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const auto& item = node.items[i];
    const auto here = item_path(path, i);
    reader.found(here, item.line);
    make_item();  // an item of a wrong type keeps its place
    if (item.kind == Node::Kind::map)
      read_object(reader, item, here, fields, pkigen_v1);
    else
      reader.wrong_type(item, here, "an object");
  }
}

std::optional<KeyAlgorithm> read_algorithm(ConfigReader& reader, const Node& node, const Path& path) {
  const auto name = reader.string(node, path);
  if (!name) return std::nullopt;
  try {
    return parse_key_algorithm(*name);
  } catch (const Error& error) {
    reader.problem(Rule::invalid_value, node.line, path, error.message(), error.remedy());
    return std::nullopt;
  }
}

/// Word is one value of a field that has few.
template <class T>
struct Word {
  std::string_view text;
  T value;
};

template <class T, std::size_t size>
std::optional<T> read_word(ConfigReader& reader, const Node& node, const Path& path,
                           const std::array<Word<T>, size>& words, std::string_view expected) {
  const auto text = reader.string(node, path);
  if (!text) return std::nullopt;
  for (const auto& word : words)
    if (word.text == *text) return word.value;
  reader.problem(Rule::invalid_value, node.line, path, fmt::format("found {}, expected {}", describe(node), expected));
  return std::nullopt;
}

constexpr std::array<Word<Profile>, 3> profiles{
    {{"client", Profile::client}, {"server", Profile::server}, {"peer", Profile::peer}}};
constexpr std::array<Word<Form>, 2> forms{{{"keyPair", Form::key_pair}, {"kubeconfig", Form::kubeconfig}}};
constexpr std::array<Word<ReloadMode>, 2> reload_modes{
    {{"automatic", ReloadMode::automatic}, {"restart", ReloadMode::restart}}};

void parse_roles(ConfigReader& reader, const Node& node, const Path& path) {
  const auto names = reader.strings(node, path);
  if (!names) return;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto& name = (*names)[i];
    if (const auto role = parse_role(name))
      leaf(reader).roles.insert(*role);
    else if (!name.empty())
      reader.problem(Rule::invalid_value, node.items[i].line, item_path(path, i),
                     fmt::format("found {}, expected control-plane, joining-control-plane, etcd, worker or ca-host",
                                 describe(node.items[i])));
  }
}

constexpr std::array consumer_fields{
    Field{"process", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(consumer(r).process, r.string(n, p)); }},
    Field{"reloadMode", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(consumer(r).reload_mode, read_word(r, n, p, reload_modes, "automatic or restart"));
          }},
};

void parse_consumers(ConfigReader& reader, const Node& node, const Path& path) {
  parse_objects(
      reader, node, path, [&] { leaf(reader).consumers.emplace_back(); }, consumer_fields);
}

constexpr std::array authority_fields{
    Field{"name", pkigen_v1, [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).name, r.string(n, p)); }},
    Field{"issuer", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).issuer, r.string(n, p)); }},
    Field{"commonName", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).common_name, r.string(n, p)); }},
    Field{"path", pkigen_v1, [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).path, r.string(n, p)); }},
    Field{"pathLength", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).path_length, r.number(n, p)); }},
    Field{"validityPeriod", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).validity, r.duration(n, p)); }},
    Field{"encryptionAlgorithm", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(ca(r).algorithm, read_algorithm(r, n, p)); }},
};

constexpr std::array leaf_fields{
    Field{"name", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).name, r.string(n, p)); }},
    Field{"issuer", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).issuer, r.string(n, p)); }},
    Field{"profile", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(leaf(r).profile, read_word(r, n, p, profiles, "client, server or peer"));
          }},
    Field{"form", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(leaf(r).form, read_word(r, n, p, forms, "keyPair or kubeconfig"));
          }},
    Field{"commonName", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).common_name, r.string(n, p)); }},
    Field{"organizations", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).organizations, r.strings(n, p)); }},
    Field{"sans", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).sans, r.strings(n, p)); }},
    Field{"server", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).server, r.string(n, p)); }},
    Field{"path", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).path, r.string(n, p)); }},
    Field{"roles", pkigen_v1, &parse_roles},
    Field{"validityPeriod", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).validity, r.duration(n, p)); }},
    Field{"encryptionAlgorithm", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(leaf(r).algorithm, read_algorithm(r, n, p)); }},
    Field{"consumers", pkigen_v1, &parse_consumers},
};

constexpr std::array override_fields{
    Field{"name", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(change(r).name, r.string(n, p)); }},
    Field{"validityPeriod", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(change(r).validity, r.duration(n, p)); }},
    Field{"encryptionAlgorithm", pkigen_v1,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(change(r).algorithm, read_algorithm(r, n, p)); }},
};

}  // namespace

void parse_optional_rows(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  assign(rows(reader).optional, reader.strings(node, path));
}

void parse_authorities(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  auto& list = rows(reader).authorities;
  parse_objects(
      reader, node, path, [&] { list.emplace_back(); }, authority_fields);
}

void parse_leaves(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  auto& list = rows(reader).leaves;
  parse_objects(
      reader, node, path, [&] { list.emplace_back(); }, leaf_fields);
}

void parse_overrides(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  auto& list = rows(reader).overrides;
  parse_objects(
      reader, node, path, [&] { list.emplace_back(); }, override_fields);
}

}  // namespace pki::formats
