// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @namespace pki
/// libpki makes and keeps the PKI of a Kubernetes cluster. One line, six verbs:
///
///     pki::ClusterConfig config;
///     config.node_name = "cp-1";
///     config.advertise_address = "192.168.10.11";
///     const auto lock = pki::lock(config.layout);
///     const auto inventory = pki::load(config.layout);
///     const auto plan = pki::plan_init(pki::validate(config).value(), inventory, now);
///     const auto written = pki::commit(pki::issue(plan, inventory), lock, {.now = now});
///
/// Promises that hold everywhere, so that the other headers only state the exceptions:
///
/// - Errors: a request that cannot be carried out throws pki::Error (or std::bad_alloc), and nothing on disk has
///   changed. What was asked about (missing, invalid, expired, external) is a value in the result.
/// - Time: `std::chrono::sys_seconds`, UTC, passed in by the caller; the library never asks the clock.
/// - Text: UTF-8 std::string; PEM is RFC 7468 with 64 columns and LF; addresses in their shortest form.
/// - Ownership: everything is a value. Only catalog rows are referred to by pointer: the inventory, plan, bundle or
///   report with the pointer holds their catalog.
/// - Threads: no global state that can be seen: functions may run at the same time on different values. Those that
///   make keys, load, assemble or commit use threads of their own, or fewer where the system has no more, and join them
///   before they return.
/// - Silence: the library does not log, print, exit, read the environment, or change the process (umask, signals,
///   locale, working directory, OpenSSL's default context). It makes no network connection but where a function says
///   so. OpenSSL's configuration file is applied to the library's own context; OpenSSL finds it, with OPENSSL_CONF
///   where that is set.
/// - Secrets: key material is in PrivateKey, File::content and SecretString only; these are wiped when released.

#include <pki/assemble.hpp>
#include <pki/backup.hpp>
#include <pki/bootstrap.hpp>
#include <pki/bundle.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/cluster_api.hpp>
#include <pki/commit.hpp>
#include <pki/config.hpp>
#include <pki/creation.hpp>
#include <pki/error.hpp>
#include <pki/error_report.hpp>
#include <pki/external_etcd.hpp>
#include <pki/finding.hpp>
#include <pki/inventory.hpp>
#include <pki/key.hpp>
#include <pki/kubeconfig.hpp>
#include <pki/live.hpp>
#include <pki/naming.hpp>
#include <pki/pending.hpp>
#include <pki/plan.hpp>
#include <pki/rbac.hpp>
#include <pki/renewal.hpp>
#include <pki/report.hpp>
#include <pki/request.hpp>
#include <pki/roll_out.hpp>
#include <pki/secret.hpp>
#include <pki/shell.hpp>
#include <pki/signer.hpp>
#include <pki/time.hpp>
#include <pki/version.hpp>
