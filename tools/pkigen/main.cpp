// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands/application.hpp"
#include "commands/command.hpp"
#include "commands/command_tree.hpp"
#include "commands/complete.hpp"
#include "commands/failure.hpp"
#include "commands/output_format.hpp"
#include "commands/usage_error.hpp"
#include "print/output.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

// A standard descriptor that is closed would be given to the next file that is opened: messages would be written into
// the lock file. Input and results still fail as with a closed descriptor; messages, also those of hooks, go nowhere.
void open_standard_descriptors() {
  constexpr std::array modes{O_WRONLY, O_RDONLY, O_WRONLY};
  for (int descriptor = 0; descriptor < static_cast<int>(modes.size()); ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      (void)::open("/dev/null", modes[static_cast<std::size_t>(descriptor)]);
}

// Where the parent ignores SIGCHLD the results of hooks would be lost.
void see_ends_of_hooks() { (void)::signal(SIGCHLD, SIG_DFL); }

// A limit of the size of files (RLIMIT_FSIZE) is an error of the write, which is rolled back, and not the end of the
// process between two files.
void survive_limits_of_files() { (void)::signal(SIGXFSZ, SIG_IGN); }

// Key material must not reach a core file, including one that is piped to a crash handler.
void keep_secrets_out_of_core_files() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)  // its leak checker inspects the process
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

// Without this capability RLIMIT_MEMLOCK applies: allocations beyond it would fail.
bool may_lock_memory() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  return ::syscall(SYS_capget, &header, data.data()) == 0 && (data[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

// Pages are locked when they are first used; locking all of them at once takes half a millisecond. The command line,
// which is parsed before, contains no secret.
void keep_secrets_out_of_swap() {
  if (may_lock_memory()) (void)::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

// Returns the flags that a hint repeats.
CallFlags flags_of(const CLI::App& app) {
  CallFlags flags;
  const auto* command = chosen_command(app);
  if (command == nullptr) return flags;
  const auto read = [&](const char* name, std::string& value) {
    const auto* option = command->get_option_no_throw(name);
    if (option != nullptr && option->count() > 0) value = option->results().back();
  };
  read("--cert-dir", flags.cert_dir);
  read("--kubeconfig-dir", flags.kubeconfig_dir);
  read("--config", flags.config);
  return flags;
}

int parse_and_run(CLI::App& app, const Run& run, const bool& verbose, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    set_up_messages(verbose);
    if (end.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(end);  // --help, --version
    throw usage_error(app, end);
  }
  set_up_messages(verbose);
  set_call_flags(flags_of(app));
  if (!app.got_subcommand("version")) keep_secrets_out_of_swap();
  return run();
}

int run_program(int argc, char** argv) {
  CLI::App app;
  bool verbose = false;
  Run run;
  set_up(app, run, verbose);
  try {
    if (argc > 1 && argv[1] == complete_request) {
      print(complete(app, std::vector<std::string>(argv + 2, argv + argc)));
      return ok;
    }
    return parse_and_run(app, run, verbose, argc, argv);
  } catch (...) {
    return report_failure(output_format({argv, static_cast<std::size_t>(argc)}));
  }
}

}  // namespace

}  // namespace cli

int main(int argc, char** argv) {
  cli::open_standard_descriptors();
  cli::see_ends_of_hooks();
  cli::survive_limits_of_files();
  cli::keep_secrets_out_of_core_files();
  try {
    return cli::run_program(argc, argv);
  } catch (...) {
    return cli::report_failure({});
  }
}
