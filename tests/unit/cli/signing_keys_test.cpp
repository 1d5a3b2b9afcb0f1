// SPDX-License-Identifier: Apache-2.0
#include "commands/signing_keys.hpp"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <pki/error.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

#include "host/passphrase.hpp"

namespace {

/// Returns the file with a text that only its owner can read.
std::string file_with(const TempDir& directory, const std::string& name, const std::string& text) {
  const auto path = directory.path() / name;
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path.string();
}

std::string text_of(const pki::SecretString& secret) { return {secret.begin(), secret.end()}; }

}  // namespace

TEST_CASE("the flag --ca-key names a CA and a URI, which may have any character") {
  const auto parsed = cli::parse_signing_keys(
      {.keys = {"kubernetes-ca=pkcs11:token=a,b;object=c=d", "etcd-ca=handle:0x81000001?pass", "front-proxy-ca="},
       .passphrase_files = {}});
  CHECK(parsed.problems.empty());
  CHECK(parsed.uris == std::map<std::string, std::string>{{"ca", "pkcs11:token=a,b;object=c=d"},
                                                          {"etcd-ca", "handle:0x81000001?pass"},
                                                          {"front-proxy-ca", ""}});
  for (const auto* wrong : {"ca", "", "pkcs11:token=a", "handle:0x81000001"}) {
    const auto refused = cli::parse_signing_keys({.keys = {wrong}, .passphrase_files = {}});
    REQUIRE(refused.problems.size() == 1);
    CHECK(refused.problems.front().subject == "--ca-key");
    CHECK(refused.uris.empty());
  }
  const auto with_pin = cli::parse_signing_keys({.keys = {"pkcs11:token=a?pin-value=1234"}, .passphrase_files = {}});
  CHECK(with_pin.problems.at(0).message.find("1234") == std::string::npos);
}

TEST_CASE("a passphrase is the first line of its file") {
  const TempDir directory;
  struct Row {
    std::string text;
    std::string passphrase;
  };
  for (const auto& [text, passphrase] :
       {Row{"secret", "secret"}, Row{"secret\n", "secret"}, Row{"secret\r\n", "secret"}, Row{"one\ntwo\n", "one"},
        Row{" with blanks \n", " with blanks "}, Row{std::string(1024, 'x'), std::string(1024, 'x')}})
    CHECK(text_of(cli::read_passphrase_file(file_with(directory, "pin", text))) == passphrase);
  for (const auto& text :
       {std::string(), std::string("\n"), std::string("\nsecond"), std::string(1025, 'x'), std::string(100'000, 'x')})
    CHECK(code_of([&] { (void)cli::read_passphrase_file(file_with(directory, "pin", text)); }) == pki::Errc::malformed);
  CHECK(code_of([&] { (void)cli::read_passphrase_file((directory / "none").string()); }) == pki::Errc::not_found);
  CHECK(code_of([&] { (void)cli::read_passphrase_file(directory.path().string()); }) == pki::Errc::io);
}

TEST_CASE("a credential of systemd is read by its name") {
  const TempDir directory;
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK_FALSE(cli::read_credential("pkigen.ca.passphrase"));
  ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);
  CHECK_FALSE(cli::read_credential("pkigen.ca.passphrase"));
  file_with(directory, "pkigen.ca.passphrase", "secret\n");
  CHECK(text_of(cli::read_credential("pkigen.ca.passphrase").value()) == "secret");
  file_with(directory, "pkigen.ca.passphrase", "");
  CHECK(code_of([] { (void)cli::read_credential("pkigen.ca.passphrase"); }) == pki::Errc::malformed);
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
