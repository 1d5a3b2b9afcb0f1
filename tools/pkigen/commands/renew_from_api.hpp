// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/catalog.hpp>
#include <pki/plan.hpp>

#include "commands/api_requests.hpp"
#include "commands/renew_run.hpp"
#include "commands/request.hpp"
#include "commands/write_options.hpp"

namespace cli {

/// ApiRenewal is the part of a renewal that the API of the cluster signs: rows whose CA is external, and for which the
/// API has a signer. The others remain with the holder of their CA.
class ApiRenewal {
 public:
  /// Reads the kubeconfig: a run that finds nothing to do shows as well that the next one could. `catalog` is that of
  /// the rows of `options`, and outlives the renewal.
  ApiRenewal(const ApiChoice& choice, const Request& request, const pki::Catalog& catalog, pki::RenewOptions options);

  /// choose finds the rows that the API will sign, and plans them with the others.
  void choose(RenewRun& run);
  /// fetch makes the requests that do not wait already and gets their answers. The lock is taken while they are made,
  /// and free while somebody decides about them.
  void fetch(const Request& request, const WriteOptions& write);
  /// take plans a session again with what was fetched: `run.answered` is ready to be written, rows without an answer
  /// are failures, and conflicts where they were named.
  void take(RenewRun& run);

 private:
  [[nodiscard]] bool named() const { return !options_.rows.empty(); }
  void plan_again(RenewRun& run) const;
  [[nodiscard]] std::vector<Submission> make_requests(const Request& request, const WriteOptions& write) const;
  [[nodiscard]] pki::Import import_what_fits(const Session& session);

  const pki::Catalog& catalog_;
  pki::RenewOptions options_;
  ApiCall call_;
  ApiAnswers result_;
  std::vector<pki::Finding> unsigned_;  // why the API does not sign a row that was named
};

}  // namespace cli
