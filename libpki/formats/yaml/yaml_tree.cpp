// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml_tree.hpp"

#include <utility>

#include <fmt/format.h>

#include "formats/yaml/yaml_events.hpp"
#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = 50'000;

/// Builder makes the tree from libyaml's events. It throws out of an event as soon as a bound is exceeded.
class Builder {
 public:
  Builder(std::string_view text, int first_line) : text_(text), events_(text, first_line) { root_.line = first_line; }

  [[nodiscard]] YamlNode build() {
    const auto* event = &events_.next();
    for (; event->type != YAML_STREAM_END_EVENT; event = &events_.next())
      read(*event);
    return std::move(root_);
  }

 private:
  /// Level is a collection that is not yet closed; a map expects a name and a value in turn.
  struct Level {
    YamlNode node;
    bool named{false};
  };

  void read(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        return add(scalar(event));
      case YAML_SEQUENCE_START_EVENT:
        refuse_properties(event, event.data.sequence_start.anchor, event.data.sequence_start.tag);
        return open(event, YamlNode::Kind::list);
      case YAML_MAPPING_START_EVENT:
        refuse_properties(event, event.data.mapping_start.anchor, event.data.mapping_start.tag);
        return open(event, YamlNode::Kind::map);
      case YAML_ALIAS_EVENT:
        return refuse_properties(event, event.data.alias.anchor, nullptr);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      case YAML_DOCUMENT_END_EVENT:
        complete_ = true;
        return;
      default:
        return;
    }
  }

  void refuse_properties(const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag) const {
    const auto line = events_.line_of(event.start_mark);
    if (anchor != nullptr) throw YamlError(line, "anchors and aliases are not supported, write the value out");
    if (tag != nullptr) throw YamlError(line, "tags are not supported");
  }

  [[nodiscard]] YamlNode node_at(const yaml_event_t& event, YamlNode::Kind kind) const {
    YamlNode node;
    node.kind = kind;
    node.line = events_.line_of(event.start_mark);
    node.span = {events_.offset_of(event.start_mark), events_.offset_of(event.end_mark)};
    return node;
  }

  [[nodiscard]] YamlNode scalar(const yaml_event_t& event) const {
    const auto& scalar = event.data.scalar;
    refuse_properties(event, scalar.anchor, scalar.tag);
    auto node = node_at(event, YamlNode::Kind::scalar);
    node.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (node.plain && type_of_plain(node.text) == ScalarType::null) node.kind = YamlNode::Kind::null;
    if (scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE) trim_end(node.span);
    return node;
  }

  /// For libyaml a block scalar ends where the next token begins.
  void trim_end(YamlSpan& span) const {
    const auto last = span.of(text_).find_last_not_of(" \t\r\n");
    span.end = span.begin + (last == std::string_view::npos ? 0 : last + 1);
  }

  void open(const yaml_event_t& event, YamlNode::Kind kind) {
    const auto line = events_.line_of(event.start_mark);
    if (complete_) refuse_second(line);
    if (levels_.size() >= max_depth) throw YamlError(line, fmt::format("nested more than {} levels deep", max_depth));
    if (expects_name()) throw YamlError(line, "found a collection, expected the name of a field");
    levels_.push_back({node_at(event, kind), false});
  }

  void close() {
    auto node = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(node));
  }

  [[nodiscard]] bool expects_name() const {
    return !levels_.empty() && levels_.back().node.kind == YamlNode::Kind::map && !levels_.back().named;
  }

  void add(YamlNode node) {
    if (complete_) {
      if (node.kind != YamlNode::Kind::null) refuse_second(node.line);
      return;
    }
    if (++values_ > max_values) throw YamlError(node.line, fmt::format("more than {} values", max_values));
    if (levels_.empty()) {
      root_ = std::move(node);
    } else if (expects_name()) {
      add_name(std::move(node));
    } else if (levels_.back().named) {
      levels_.back().node.entries.back().value = std::move(node);
      levels_.back().named = false;
    } else {
      levels_.back().node.items.push_back(std::move(node));
    }
  }

  void add_name(YamlNode node) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty())
      throw YamlError(node.line, "found nothing, expected the name of a field");
    if (node.plain && node.text == "<<") throw YamlError(node.line, "merge keys are not supported");
    levels_.back().node.entries.push_back({std::move(node.text), node.line, node.span, {}});
    levels_.back().named = true;
  }

  /// Documents of nothing may follow the first one.
  [[noreturn]] static void refuse_second(int line) {
    throw YamlError(line, "found a second document, expected the end");
  }

  std::string_view text_;
  YamlEvents events_;
  std::size_t values_{0};
  bool complete_{false};  ///< the end of the first document was read
  YamlNode root_;
  std::vector<Level> levels_;
};

}  // namespace

YamlNode parse_yaml(std::string_view text, int first_line) { return Builder(text, first_line).build(); }

}  // namespace pki::formats
