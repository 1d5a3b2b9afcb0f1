#include <pki/version.hpp>

#include <support/catch.hpp>

TEST_CASE("crypto_version names the OpenSSL that runs") { REQUIRE_THAT(pki::crypto_version(), contains("OpenSSL 3.")); }
