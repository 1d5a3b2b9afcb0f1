// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/kubeconfig/kubeconfig_document.hpp"

namespace pki::formats {

/// Checks the type of every field that client-go knows (k8s.io/client-go/tools/clientcmd/api/v1), in all entries: one
/// value of another type, a password in digits without quotes say, makes kubectl and every component refuse the whole
/// file. Unknown fields are ignored, as they are there. Throws Error(malformed), which quotes no value.
void check_types(const KubeconfigDocument& document);

}  // namespace pki::formats
