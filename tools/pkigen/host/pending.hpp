#pragma once

#include <vector>

#include <pki/catalog.hpp>
#include <pki/config.hpp>

namespace cli {

/// The rows whose renewal the deploy hooks have not yet been told of, in CERT_DIR/.pkigen/deploy-pending: a name a
/// line. It is there from just before the renewal until the hooks have succeeded, so that no crash and no failing
/// hook leaves a process with an old certificate; hooks are told at least once, and in rare cases twice.
/// The caller holds the lock, but for reading.

/// read_pending gives no rows when nothing is pending; names that the catalog lacks are passed over.
[[nodiscard]] std::vector<const pki::CatalogRow*> read_pending(const pki::Layout& layout);
/// write_pending is atomic and durable. Throws pki::Error(io).
void write_pending(const pki::Layout& layout, const std::vector<const pki::CatalogRow*>& rows);
void remove_pending(const pki::Layout& layout);

}  // namespace cli
