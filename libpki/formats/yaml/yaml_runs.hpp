#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pki::formats {

/// LongRuns takes long runs of base64 out of a text before it is parsed as YAML, and puts them back into its scalars:
/// yaml-cpp looks at each character hundreds of times, and a kubeconfig is nearly all base64. Sound because a run ends
/// its line, so it is no name of a field, and because letters, digits, '+', '/' and '=' stand for themselves in every
/// kind of scalar. Views point into the text that it was made from.
class LongRuns {
 public:
  explicit LongRuns(std::string_view text);

  /// shortened is the text with a short token, which it does not hold elsewhere, in place of each run.
  [[nodiscard]] const std::string& shortened() const noexcept { return shortened_; }
  /// restored puts the runs back into a scalar of the shortened text.
  [[nodiscard]] std::string restored(const std::string& scalar) const;
  /// offset_of gives the place in the text of a place in the shortened one.
  [[nodiscard]] std::size_t offset_of(std::size_t shortened) const noexcept;

 private:
  struct Run {
    std::size_t end;      ///< of its token, in the shortened text
    std::size_t removed;  ///< by it and all before it
    std::string_view text;
  };

  void cut(std::string_view run);

  std::string shortened_;
  std::vector<Run> runs_;
};

}  // namespace pki::formats
