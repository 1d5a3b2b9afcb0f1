#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace pki::formats {

/// YamlToken is one scalar that is the value of a field, or one comment, by its place in the text.
struct YamlToken {
  enum class Form { plain, quoted, block, comment };

  Form form{Form::plain};
  std::string_view field;  ///< name of the field as written, without quotes; empty for an item and a comment
  std::size_t begin{0};
  std::size_t end{0};
  std::size_t content{0};  ///< of a block scalar: behind the line with its sign
};

/// end_of_quoted gives the place behind the quoted scalar that begins at `from`, npos where its end is missing.
[[nodiscard]] std::size_t end_of_quoted(std::string_view text, std::size_t from) noexcept;

/// YamlLexer walks once over a text and says where scalars and comments stand, without copying any of it. It judges
/// by the letters alone and knows no more of YAML than kubeconfigs use: what it makes of other texts is bounded but
/// may be wrong, so the caller compares it with what a real reader says.
class YamlLexer {
 public:
  explicit YamlLexer(std::string_view text) noexcept : text_(text) {}

  /// next is empty at the end of the text.
  [[nodiscard]] std::optional<YamlToken> next() noexcept;

 private:
  [[nodiscard]] std::optional<YamlToken> take() noexcept;
  [[nodiscard]] std::optional<YamlToken> take_comment() noexcept;
  [[nodiscard]] std::optional<YamlToken> take_block() noexcept;
  [[nodiscard]] std::optional<YamlToken> take_scalar() noexcept;
  [[nodiscard]] std::optional<YamlToken> value(YamlToken token) noexcept;
  [[nodiscard]] bool take_indicator() noexcept;
  [[nodiscard]] bool take_as_name(const YamlToken& token, std::size_t column) noexcept;
  [[nodiscard]] std::size_t end_of_plain(std::size_t from) const noexcept;
  [[nodiscard]] std::size_t end_of_line(std::size_t from) const noexcept;
  [[nodiscard]] std::size_t end_of_block(std::size_t from, bool plain) const noexcept;
  [[nodiscard]] bool is_blank_at(std::size_t at) const noexcept;
  [[nodiscard]] bool ends_plain(std::size_t at) const noexcept;
  void advance(std::size_t to) noexcept;

  std::string_view text_;
  std::size_t at_{0};
  std::size_t line_{0};                  ///< offset of the current line
  bool started_{false};                  ///< something stands on the current line already
  bool first_{false};                    ///< what is being taken is the first on its line
  std::size_t flow_{0};                  ///< open brackets
  std::size_t column_{0};                ///< of the field or the dash whose value is awaited
  std::optional<std::size_t> question_;  ///< column of the `?` before a name
  std::string_view field_;
};

}  // namespace pki::formats
