// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include <fenv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <exception>
#include <locale>
#include <map>
#include <new>
#include <set>
#include <sstream>
#include <thread>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <pki/pki.hpp>

// SH-05: the library leaves the process that it lives in as it was.

namespace {

namespace fs = std::filesystem;
using State = std::map<std::string, std::string>;

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

void add_status(State& state) {
  const std::set<std::string> wanted{"Umask",  "Uid",    "Gid",        "Groups",  "Threads",
                                     "SigBlk", "SigIgn", "SigCgt",     "CapInh",  "CapPrm",
                                     "CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "VmLck"};
  std::istringstream lines(slurp("/proc/self/status"));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (wanted.contains(line.substr(0, colon))) state["status " + line.substr(0, colon)] = line.substr(colon);
  }
}

void add_limits(State& state) {
  for (int kind = 0; kind < RLIM_NLIMITS; ++kind) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(kind), &limit);
    state["rlimit " + std::to_string(kind)] = std::to_string(limit.rlim_cur) + "/" + std::to_string(limit.rlim_max);
  }
  state["nice"] = std::to_string(::getpriority(PRIO_PROCESS, 0));
}

void add_prctl(State& state) {
  for (const int what : {PR_GET_DUMPABLE, PR_GET_KEEPCAPS, PR_GET_TIMERSLACK, PR_GET_SECUREBITS, PR_GET_THP_DISABLE,
                         PR_GET_NO_NEW_PRIVS})
    state["prctl " + std::to_string(what)] = std::to_string(::prctl(what, 0, 0, 0, 0));
  std::array<char, 32> name{};
  ::prctl(PR_GET_NAME, name.data());
  state["name"] = name.data();
}

void add_files(State& state) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the directory that is being read
    const auto target = fs::read_symlink(entry.path(), gone);
    if (!gone && target.string().find("/proc/") != 0) state["fd " + entry.path().filename().string()] = target;
  }
  state["cwd"] = fs::current_path();
}

void add_runtime(State& state) {
  state["locale"] = std::setlocale(LC_ALL, nullptr);
  state["C++ locale"] = std::locale().name();
  state["rounding"] = std::to_string(::fegetround());
  for (char** item = environ; *item != nullptr; ++item)
    state[std::string("environment ") + *item] = "";
  state["terminate"] = std::to_string(reinterpret_cast<std::uintptr_t>(std::get_terminate()));
  state["new handler"] = std::to_string(reinterpret_cast<std::uintptr_t>(std::get_new_handler()));
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) == 0)
      state["signal " + std::to_string(number)] =
          std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) + " " + std::to_string(action.sa_flags);
  }
}

int add_provider(OSSL_PROVIDER* provider, void* state) {
  (*static_cast<State*>(state))["provider " + std::string(OSSL_PROVIDER_get0_name(provider))] = "";
  return 1;
}

void add_openssl(State& state) {
  state["secure heap"] = std::to_string(CRYPTO_secure_malloc_initialized());
  state["fips"] = std::to_string(EVP_default_properties_is_fips_enabled(nullptr));
  state["errors"] = std::to_string(ERR_peek_error());
  auto* current = OSSL_LIB_CTX_set0_default(nullptr);  // with null it only asks
  state["default context"] = std::to_string(reinterpret_cast<std::uintptr_t>(current));
  OSSL_PROVIDER_do_all(nullptr, &add_provider, &state);
}

State state_of_process() {
  State state;
  add_status(state);
  add_limits(state);
  add_prctl(state);
  add_files(state);
  add_runtime(state);
  add_openssl(state);
  return state;
}

/// live does everything that the library can do, also what fails.
void live(const fs::path& base) {
  pki::ClusterConfig config;
  config.node_name = "n";
  config.advertise_address = "10.0.0.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {base / "pki", base / "conf"};
  {
    const auto lock = pki::lock(config.layout);
    const auto inventory = pki::load(config.layout);
    (void)pki::commit(pki::issue(pki::plan_init(pki::validate(config).value(), inventory, now), inventory), lock,
                      {.command = "init", .now = now});
  }
  config.layout = {base / "pki", base / "conf"};
  {
    const auto lock = pki::lock(config.layout);
    const auto inventory = pki::load(config.layout);
    const auto valid = pki::validate(config).value();
    const auto plan = pki::plan_renew(&valid, inventory, now + std::chrono::hours{1});
    (void)pki::commit(pki::issue(plan, inventory), lock, {.command = "renew", .now = now});
    (void)pki::user_kubeconfig(valid, inventory, {"alice", {"developers"}, std::chrono::hours{1}}, now);
    (void)pki::undo("", lock, {.command = "undo", .now = now});
    CHECK_THROWS_AS(pki::undo("none", lock, {.command = "undo", .now = now}), pki::Error);
    CHECK_THROWS_AS(pki::lock(config.layout, std::chrono::milliseconds{1}), pki::Error);
  }
  const auto report = pki::inspect(pki::load(config.layout), pki::scan_certificates(base, {base}).certificates, now);
  (void)(pki::to_json(report) + pki::to_yaml(report) + pki::to_prometheus(report));
  (void)pki::generate_private_key(pki::KeyAlgorithm::rsa_2048);
  CHECK_THROWS_AS(pki::parse_private_key("x", "x"), pki::Error);
  CHECK_FALSE(pki::parse_config("{", "x").problems.empty());
}

std::string differences(const State& before, const State& after) {
  std::string text;
  for (const auto& [key, value] : before)
    if (!after.contains(key) || after.at(key) != value)
      text += key + ": " + value + " -> " + (after.contains(key) ? after.at(key) : "gone") + "\n";
  for (const auto& [key, value] : after)
    if (!before.contains(key)) text += key + ": new: " + value + "\n";
  return text;
}

}  // namespace

TEST_CASE("SH-05: the library changes nothing of the process") {
  const TempDir base;
  // An application whose own OpenSSL has no algorithm at all: the library neither needs nor mends it.
  auto* none = OSSL_PROVIDER_load(nullptr, "null");
  REQUIRE(none != nullptr);
  // With the first thread of a process the C library sets up a signal of its own (SIGSETXID); `issue` makes threads.
  std::thread([] {}).join();
  const auto before = state_of_process();
  live(base.path());
  CHECK(differences(before, state_of_process()) == "");
  // The test of the test: the application's context really has none.
  CHECK(EVP_MD_fetch(nullptr, "SHA256", nullptr) == nullptr);
  OSSL_PROVIDER_unload(none);
  ERR_clear_error();
}

TEST_CASE("SH-05: the umask is neither used nor changed") {
  std::set<std::map<std::string, unsigned>> seen;
  for (const mode_t mask : {000U, 077U, 0777U}) {
    const TempDir base;
    const auto old = ::umask(mask);
    live(base.path());
    CHECK(::umask(old) == mask);
    std::map<std::string, unsigned> modes;
    for (const auto& entry : fs::recursive_directory_iterator(base.path()))
      modes[fs::relative(entry.path(), base.path())] = mode_of(entry.path());
    seen.insert(modes);
  }
  CHECK(seen.size() == 1);
}

TEST_CASE("SH-05: the check sees a change of the process") {
  const auto before = state_of_process();
  const auto old = ::umask(0123);
  CHECK_THAT(differences(before, state_of_process()), contains("status Umask") && contains("-> :\t0123"));
  ::umask(old);
  ::prctl(PR_SET_NAME, "other");
  CHECK_THAT(differences(before, state_of_process()), contains("name: "));
  CHECK_THAT(differences(before, state_of_process()), contains(" -> other"));
  const int file = ::dup(2);
  CHECK_THAT(differences(before, state_of_process()), contains("fd " + std::to_string(file) + ": new"));
  ::close(file);
}
