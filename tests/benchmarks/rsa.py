#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One RSA key on one thread, against the generator of whole keys of the OpenSSL that is linked. Where that is as fast,
libpki/crypto/rsa could use it."""

import common


def rows(bench):
    for bits, count in ((2048, 40), (3072, 10), (4096, 6)):
        ours, theirs = bench.paired(lambda: bench.tool_number("rsa", bits, count)[0],
                                    lambda: bench.tool_number("openssl-rsa", bits, max(2, count // 4))[0], 3)
        yield common.Row(f"one RSA-{bits} key, one thread", "EVP_RSA_gen", "", ours, theirs)


if __name__ == "__main__":
    common.main(rows)
