#include "commands/failure.hpp"

#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include <pki/error_report.hpp>

#include "print/output.hpp"

namespace cli {

namespace {

struct Failure {
  Exit exit{failed};
  std::string code;
  std::vector<pki::Problem> problems;
};

Failure current_failure() {
  try {
    throw;
  } catch (const InvalidConfiguration& error) {
    return {usage, std::string(to_string(pki::Errc::invalid_config)), error.problems()};
  } catch (const pki::Error& error) {
    return {exit_of(error.code()), std::string(to_string(error.code())), {error.problem()}};
  } catch (const std::bad_alloc&) {
    return {failed, "out-of-memory", {{"", "out of memory", {}}}};
  } catch (const std::exception& error) {
    return {failed, "unexpected", {{"", std::string("unexpected: ") + error.what(), "please report this"}}};
  }
}

}  // namespace

Exit report_failure(bool json) {
  const auto failure = current_failure();
  fail(failure.problems);
  const bool can_print = std::ferror(stdout) == 0;  // otherwise this is what failed
  if (json && can_print) print(pki::error_to_json(failure.code, failure.problems));
  return failure.exit;
}

}  // namespace cli
