# SPDX-License-Identifier: Apache-2.0
# Packages for Debian and Ubuntu, one per component of install.cmake: `cpack` after a build with the preset `package`.
# tools/package.sh does both and checks the result.
include(GNUInstallDirs)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pkigen)
set(CPACK_PACKAGE_VENDOR "the authors of pkigen")
# A distributor sets the own name and address here.
set(CPACK_PACKAGE_CONTACT "The pkigen maintainers <maintainers@pkigen.example>" CACHE STRING "Maintainer of the packages")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
# Adds what only packages have, and compresses manual pages.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian/complete.cmake)
set(CPACK_DEBIAN_FOLDER ${CMAKE_CURRENT_LIST_DIR}/debian)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(version ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
set(folder ${CPACK_DEBIAN_FOLDER})

set(CPACK_COMPONENTS_ALL documentation)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_NAME libpki-doc)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_SECTION doc)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_MULTIARCH foreign)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_DEPENDS "")
set(CPACK_COMPONENT_DOCUMENTATION_DESCRIPTION "PKI of a Kubernetes cluster (documentation)
 pkigen and libpki create and maintain the PKI of a Kubernetes cluster.

 This package has the pages for installers and for those who maintain
 clusters, the JSON Schemas of everything that pkigen prints, and the
 reference of the public headers of libpki.")

list(APPEND CPACK_COMPONENTS_ALL development)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libpki-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_MULTIARCH same)
# What the static library needs to be linked, too.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libssl-dev (>= 3.0), libyaml-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS libpki-doc)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "PKI of a Kubernetes cluster (development files)
 libpki makes, reads, checks and renews the certificates, keys and
 kubeconfigs of a Kubernetes cluster, in memory or on disk.

 This package has the headers, the static library, and the files for CMake
 and pkg-config.")

if(TARGET pki_shared)
  # The package has the name of the SONAME: two versions can be installed beside each other.
  set(library libpki${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  list(APPEND CPACK_COMPONENTS_ALL library)
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_MULTIARCH same)
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${folder}/triggers)
  string(PREPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${library} (= ${version}), ")
  set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "PKI of a Kubernetes cluster (shared library)
 libpki makes, reads, checks and renews the certificates, keys and
 kubeconfigs of a Kubernetes cluster, in memory or on disk.

 This package has the library for the programs that use it.")
endif()

if(TARGET pkigen)
  list(APPEND CPACK_COMPONENTS_ALL pkigen)
  set(CPACK_DEBIAN_PKIGEN_PACKAGE_NAME pkigen)
  set(CPACK_DEBIAN_PKIGEN_PACKAGE_SECTION admin)
  set(CPACK_DEBIAN_PKIGEN_PACKAGE_CONTROL_EXTRA ${folder}/postinst ${folder}/prerm ${folder}/postrm)
  set(CPACK_COMPONENT_PKIGEN_DESCRIPTION "create and maintain the PKI of a Kubernetes cluster
 pkigen makes the CAs, every certificate, the service account keys and the
 kubeconfigs of a Kubernetes control plane in kubeadm's layout, reports when
 they expire, and renews them.

 Timers that renew what is due are installed and not enabled.")
endif()

include(CPack)
