#include "formats/yaml/yaml_tree.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.hpp"

#include "formats/yaml/yaml_guard.hpp"
#include "formats/yaml/yaml_lexer.hpp"
#include "formats/yaml/yaml_runs.hpp"
#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = 50'000;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// with_whole_characters mends what yaml-cpp makes of the escapes \N and \_ : one octet of Latin-1 each. All else is
/// UTF-8, so an octet that is none by itself is one of these two.
std::string with_whole_characters(const std::string& value) {
  std::string whole;
  whole.reserve(value.size());
  for (std::size_t i = 0; i < value.size();) {
    const auto length = base::utf8_length(std::string_view(value).substr(i));
    if (length == 0) whole.push_back('\xc2');
    const auto taken = std::max<std::size_t>(length, 1);
    whole.append(value, i, taken);
    i += taken;
  }
  return whole;
}

/// Builder makes the tree from the reader's events. It throws out of an event where a bound is passed: the reader
/// never gets deeper than we allow.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const LongRuns& runs, int first_line)
      : text_(text), runs_(runs), first_line_(first_line) {}

  [[nodiscard]] YamlNode&& result() {
    if (last_quoted_ && end_of_quoted(text_, last_quoted_->offset) == std::string_view::npos)
      throw YamlError(last_quoted_->line, "not valid YAML: a quote is not closed");
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override { root_.line = line_of(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(node_at(mark, YamlNode::Kind::null)); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { refuse(mark, "?", anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse(mark, tag, anchor);
    auto node = node_at(mark, YamlNode::Kind::scalar);
    node.plain = tag == "?";
    if (!node.plain) note_quoted(node);
    node.text = with_whole_characters(runs_.restored(value));
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse(mark, tag, anchor);
    open(mark, YamlNode::Kind::list);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse(mark, tag, anchor);
    open(mark, YamlNode::Kind::map);
  }

  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// Level is one collection that is not yet closed; a map waits in turn for a name and for its value.
  struct Level {
    YamlNode node;
    bool named{false};
  };

  [[nodiscard]] int line_of(const YAML::Mark& mark) const { return first_line_ + std::max(mark.line, 0); }

  [[nodiscard]] YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) const {
    YamlNode node;
    node.kind = kind;
    node.line = line_of(mark);
    node.offset = runs_.offset_of(static_cast<std::size_t>(std::max(mark.pos, 0)));
    if (text_.starts_with(byte_order_mark)) node.offset += byte_order_mark.size();
    return node;
  }

  /// A tag of the reader's own is "?" (plain) or "!" (not plain); a "!" in the text is no different to it.
  void refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor)
      throw YamlError(line_of(mark), "anchors and aliases are not supported, write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") throw YamlError(line_of(mark), "tags are not supported");
  }

  /// The reader takes the end of the text for a closing quote; only the last scalar can have got there.
  void note_quoted(const YamlNode& node) {
    const char first = node.offset < text_.size() ? text_[node.offset] : '\0';
    if (first == '!') throw YamlError(node.line, "tags are not supported");
    last_quoted_.reset();
    if (first == '"' || first == '\'') last_quoted_ = {node.offset, node.line};
  }

  void open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (levels_.size() >= max_depth)
      throw YamlError(line_of(mark), fmt::format("nested more than {} levels deep", max_depth));
    if (expects_name()) throw YamlError(line_of(mark), "found a collection, expected the name of a field");
    levels_.push_back({node_at(mark, kind), false});
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
    if (++values_ > max_values) throw YamlError(node.line, fmt::format("more than {} values", max_values));
    if (levels_.empty()) {
      root_ = std::move(node);
    } else if (expects_name()) {
      add_name(node);
    } else if (levels_.back().named) {
      levels_.back().node.entries.back().value = std::move(node);
      levels_.back().named = false;
    } else {
      levels_.back().node.items.push_back(std::move(node));
    }
  }

  void add_name(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty())
      throw YamlError(node.line, "found nothing, expected the name of a field");
    if (node.plain && node.text == "<<") throw YamlError(node.line, "merge keys are not supported");
    levels_.back().node.entries.push_back({node.text, node.line, {}});
    levels_.back().named = true;
  }

  struct Place {
    std::size_t offset;
    int line;
  };

  std::string_view text_;
  const LongRuns& runs_;
  int first_line_;
  std::optional<Place> last_quoted_;
  std::size_t values_{0};
  YamlNode root_;
  std::vector<Level> levels_;
};

/// Rest refuses whatever follows the first document, but for documents of nothing.
class Rest : public YAML::EventHandler {
 public:
  explicit Rest(int first_line) : first_line_(first_line) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    // The reader does not get past a bracket that closes nothing: it finds nothing there for ever.
    if (last_ == mark.pos) throw YamlError(line_of(mark), "not valid YAML: found a bracket that closes nothing");
    last_ = mark.pos;
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    refuse(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnMapEnd() override {}

 private:
  [[nodiscard]] int line_of(const YAML::Mark& mark) const { return first_line_ + std::max(mark.line, 0); }

  void refuse(const YAML::Mark& mark) const {
    throw YamlError(line_of(mark), "found a second document, expected the end");
  }

  int first_line_;
  int last_{-1};  ///< place of the last document of nothing
};

}  // namespace

YamlNode parse_yaml(std::string_view text, int first_line) {
  guard_yaml(text, first_line);
  const std::size_t skipped = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  const LongRuns runs(text.substr(skipped));
  std::istringstream stream{runs.shortened()};
  Builder builder(text, runs, first_line);
  Rest rest(first_line);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder))
      while (parser.HandleNextDocument(rest)) {
      }
  } catch (const YAML::Exception& error) {
    throw YamlError(first_line + std::max(error.mark.line, 0), "not valid YAML: " + error.msg);
  }
  return builder.result();
}

}  // namespace pki::formats
