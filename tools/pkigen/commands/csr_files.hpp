// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/request.hpp>

namespace cli {

// The files in which requests and certificates travel: ROW.csr and ROW.crt, one by one or in a directory, where `etcd/`
// is read as well, or all in one document.

/// Returns the requests in files, directories and bundles; the digest is that of a bundle which was read alone. The
/// name of a file is that of its row of `catalog`; where that is null, no request has a row. Throws pki::Error when one
/// cannot be read, and for a directory without requests.
[[nodiscard]] pki::RequestBundle read_requests_from(const std::vector<std::string>& paths, const pki::Catalog* catalog);
/// Returns the certificates in files, directories and bundles, with rows of `catalog`. Throws as read_requests_from
/// does.
[[nodiscard]] std::vector<pki::Answer> read_answers_from(const std::vector<std::string>& paths,
                                                         const pki::Catalog& catalog);

/// Outputs are where a command writes requests or certificates.
struct Outputs {
  std::string directory;  ///< of --out; empty: none
  std::string bundle;     ///< of --bundle, "-" being standard output; empty: none
};

/// write_requests writes ROW.csr for each item, and the bundle. Throws pki::Error(io).
void write_requests(const Outputs& outputs, const pki::RequestBundle& bundle);
/// write_answers writes NAME.crt for each answer, which is the name of its row or of the file of its request, and the
/// bundle. Throws pki::Error(io).
void write_answers(const Outputs& outputs, const pki::AnswerBundle& bundle);

}  // namespace cli
