#pragma once

#include <memory>

#include <pki/bundle.hpp>

namespace cli {

/// ProgressLine shows the count of finished keys on stderr while it lives, from half a second on, and takes the line
/// away again. It is silent where stderr is no terminal. Keys may have to wait for randomness, which is told anywhere.
class ProgressLine {
 public:
  ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  [[nodiscard]] pki::Progress callback() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cli
