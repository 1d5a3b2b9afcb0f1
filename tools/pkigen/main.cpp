#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <new>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/command.hpp"
#include "print/output.hpp"

namespace cli {

Exit exit_of(pki::Errc code) noexcept {
  switch (code) {
    case pki::Errc::invalid_config:
    case pki::Errc::unknown_name:
      return usage;
    case pki::Errc::locked:
      return locked;
    default:
      return failed;
  }
}

namespace {

constexpr auto footer =
    "Exit status: 0 done, or nothing needs attention; 1 failed; 2 wrong usage or invalid configuration;\n"
    "3 something expires within the warning window; 4 something is expired, missing or broken; 5 locked by\n"
    "another pkigen; 6 something was renewed, where --detailed-exit-code was given.";

// Key material must not reach a core file, also not one that is piped to a crash handler.
void keep_secrets_out_of_core_files() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)  // whose leak checker has to look at the process
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

// Without this capability there is a limit, and where it is reached the program would get no memory any more.
bool may_lock_memory() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  return ::syscall(SYS_capget, &header, data.data()) == 0 && (data[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

// Nor the swap. Pages are locked as they are used, not before, which costs half a millisecond; the command line, parsed
// before, holds no secret.
void keep_secrets_out_of_swap() {
  if (may_lock_memory()) (void)::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int report_parse_end(const CLI::App& app, const CLI::ParseError& end) {
  if (end.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(end);  // --help, --version
  fail(pki::Problem{"", end.what(), "see `pkigen --help`, or `pkigen COMMAND --help`"});
  return usage;
}

int run_program(int argc, char** argv) {
  CLI::App app{"Makes and keeps the PKI of a Kubernetes cluster.", "pkigen"};
  bool verbose = false;
  Run run;
  app.set_version_flag("--version", fmt::format("pkigen {} ({})", pki::version(), pki::crypto_version()),
                       "Print the versions of pkigen and of OpenSSL");
  app.add_flag("-v,--verbose", verbose, "Say more on stderr");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer);
  app.get_formatter()->column_width(42);
  add_init(app, run);
  add_check_expiration(app, run);
  add_renew(app, run);
  add_recover(app, run);
  add_backups(app, run);
  add_undo(app, run);
  add_rbac(app, run);
  add_version(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    set_up_messages(verbose);
    return report_parse_end(app, end);
  }
  set_up_messages(verbose);
  if (!app.got_subcommand("version")) keep_secrets_out_of_swap();
  return run();
}

}  // namespace

}  // namespace cli

int main(int argc, char** argv) {
  cli::keep_secrets_out_of_core_files();
  try {
    return cli::run_program(argc, argv);
  } catch (const pki::Error& error) {
    cli::fail(error);
    return cli::exit_of(error.code());
  } catch (const std::bad_alloc&) {
    cli::fail(pki::Problem{"", "out of memory", {}});
  } catch (const std::exception& error) {
    cli::fail(pki::Problem{"", std::string("unexpected: ") + error.what(), "please report this"});
  }
  return cli::failed;
}
