// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <pki/error.hpp>
#include <pki/signer.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include "crypto/signer.hpp"

namespace fs = std::filesystem;

namespace {

/// Returns the key in a file as PEM.
std::string key_pem() {
  const auto pem = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256).pem();
  return {pem.begin(), pem.end()};
}

std::string uri_of(const fs::path& path) { return "file:" + path.string(); }

}  // namespace

TEST_CASE("the key of a file signs, through symbolic links, and when the file is gone") {
  const TempDir directory;
  put(directory / "ca.pem", key_pem(), 0600);
  fs::create_symlink("ca.pem", directory / "link");
  const auto signer = pki::open_signer(uri_of(directory / "link"));
  CHECK(signer.uri() == uri_of(directory / "link"));
  CHECK(signer.public_key_sha256() == pki::open_signer(uri_of(directory / "ca.pem")).public_key_sha256());
  fs::remove(directory / "ca.pem");
  CHECK_FALSE(pki::crypto::SignerMaker::key_of(signer)->sign("text").empty());
  CHECK_THROWS_AS(pki::open_signer(uri_of(directory / "link")), pki::Error);
}

TEST_CASE("only a regular file is opened for a key, and nothing that could block") {
  const TempDir directory;
  put(directory / "empty", "", 0600);
  put(directory / "large", std::string(65UL * 1024, '\n'), 0600);
  fs::create_directory(directory / "directory");
  // Nobody ever writes into it: who opens it to read waits forever.
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("pipe", directory / "link");
  fs::create_symlink("nowhere", directory / "dangling");
  struct Row {
    fs::path path;
    pki::Errc code;
    const char* message;
  };
  const std::vector<Row> rows{
      {directory / "empty", pki::Errc::malformed, "is empty, expected a file with a private key"},
      {directory / "large", pki::Errc::malformed, "larger than 64 KiB"},
      {directory / "directory", pki::Errc::io, "is a directory, expected a file"},
      {directory / "pipe", pki::Errc::io, "is a named pipe, expected a file"},
      {directory / "link", pki::Errc::io, "is a named pipe, expected a file"},
      {"/dev/zero", pki::Errc::io, "is a device, expected a file"},
      {directory / "none", pki::Errc::not_found, "cannot read: no such file"},
      {directory / "dangling", pki::Errc::not_found, "cannot read: no such file"},
      {directory / "empty" / "none", pki::Errc::not_found, "cannot read: "},
  };
  for (const auto& [path, code, message] : rows) {
    CAPTURE(path);
    try {
      (void)pki::open_signer(uri_of(path));
      FAIL("opened");
    } catch (const pki::Error& error) {
      CHECK(error.code() == code);
      CHECK(error.subject() == uri_of(path));
      CHECK_THAT(error.message(), contains(message));
    }
  }
}

TEST_CASE("a text that is not the URI of a key is refused without its PIN, and no file is read") {
  struct Row {
    std::string uri;
    const char* message;
  };
  for (const auto& [uri, message] :
       {Row{"/keys/ca.pem", "it has no scheme"}, Row{"file:ca.pem", "its path is not absolute"},
        Row{"pkcs11:token=ca?pin-value=1234", "it has a PIN"}}) {
    CAPTURE(message);
    try {
      (void)pki::open_signer(uri);
      FAIL("opened");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::invalid_config);
      CHECK(error.subject() == pki::shown_key_uri(uri));
      CHECK_THAT(error.message(), contains(message));
      CHECK(std::string(error.what()).find("1234") == std::string::npos);
    }
  }
}
