#include <CLI/CLI.hpp>

#include "commands/command.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

// The group of admin.conf has no rights of its own (KEP-4214); kubeadm creates the same binding.
constexpr auto manifest = R"(apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: kubeadm:cluster-admins
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: kubeadm:cluster-admins
)";

}  // namespace

void add_rbac(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("rbac", "Print the ClusterRoleBinding that grants admin.conf its rights");
  command->footer(
      "Apply it once the API server runs:\n  pkigen rbac | kubectl --kubeconfig /etc/kubernetes/super-admin.conf apply "
      "-f -");
  command->callback([&run] {
    run = [] {
      print(manifest);
      return ok;
    };
  });
}

}  // namespace cli
