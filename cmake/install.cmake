# SPDX-License-Identifier: Apache-2.0
# The files that `cmake --install` installs. Each has one of four components, which are the packages of Debian:
#   pkigen         the command, its units, manual pages and completions; the one of files that name none
#   library        libpki.so, for programs that run
#   development    the headers, both libraries to link, the CMake package and the pkg-config files
#   documentation  pages, schemas and the reference
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME pkigen)
include(CMakePackageConfigHelpers)
set(PKI_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/pki)

if(TARGET pkigen)
  install(TARGETS pkigen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The daily renewal, one after each boot, and what an interrupted run left. Units are found in lib/systemd below the
  # prefix, whatever the library directory is called.
  foreach(unit pkigen-renew.service pkigen-recover.service)
    configure_file(${PROJECT_SOURCE_DIR}/tools/pkigen/systemd/${unit}.in ${PROJECT_BINARY_DIR}/${unit} @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${unit} DESTINATION lib/systemd/system)
  endforeach()
  install(FILES ${PROJECT_SOURCE_DIR}/tools/pkigen/systemd/pkigen-renew.timer
                ${PROJECT_SOURCE_DIR}/tools/pkigen/systemd/pkigen-renew-boot.timer
          DESTINATION lib/systemd/system)
  install(FILES ${PROJECT_SOURCE_DIR}/tools/pkigen/systemd/pkigen-renew.cron
          DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
  # Written by pkigen itself, so not for a foreign machine.
  if(TARGET pkigen-pages)
    foreach(section 1 5)
      install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
              FILES_MATCHING PATTERN "*.${section}")
    endforeach()
    set(scripts ${PROJECT_BINARY_DIR}/completions)
    install(FILES ${scripts}/pkigen DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    # zsh looks for what is not a distribution's in another directory.
    if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
      install(FILES ${scripts}/_pkigen DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
    else()
      install(FILES ${scripts}/_pkigen DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
    endif()
    install(FILES ${scripts}/pkigen.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  endif()
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/doc/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation
        FILES_MATCHING PATTERN "*.md" PATTERN "*.json" PATTERN man EXCLUDE)
if(PKI_REFERENCE)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/reference DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation
          PATTERN "*.md5" EXCLUDE)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/pki DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN "*.hpp")

# One export set per kind of library, so that a distribution can ship each in its own package.
foreach(kind IN LISTS PKI_KINDS)
  install(TARGETS pki_${kind} EXPORT pki-${kind}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT pki-${kind} NAMESPACE pki:: DESTINATION ${PKI_PACKAGE_DIR} COMPONENT development)
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/pki-config.cmake.in ${PROJECT_BINARY_DIR}/pki-config.cmake
                              INSTALL_DESTINATION ${PKI_PACKAGE_DIR})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pki-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pki-config.cmake ${PROJECT_BINARY_DIR}/pki-config-version.cmake
        ${CMAKE_CURRENT_LIST_DIR}/FindLibYaml.cmake DESTINATION ${PKI_PACKAGE_DIR} COMPONENT development)

# Paths relative to the .pc file: the installed tree can be moved.
cmake_path(SET prefix ${CMAKE_INSTALL_PREFIX})
cmake_path(APPEND prefix ${CMAKE_INSTALL_LIBDIR} pkgconfig OUTPUT_VARIABLE pc_dir)
cmake_path(RELATIVE_PATH prefix BASE_DIRECTORY ${pc_dir} OUTPUT_VARIABLE PKI_PC_PREFIX)
if(PKI_FMT STREQUAL "fmt::fmt")
  set(PKI_PC_FMT ", fmt") # a developer's build
endif()
# One file per kind: pki.pc names the shared library, which needs nothing else to compile or link, and pki-static.pc the
# static one with all that it needs.
set(PKI_PC_NAME_shared pki)
set(PKI_PC_NAME_static pki-static)
foreach(kind IN LISTS PKI_KINDS)
  set(file ${PKI_PC_NAME_${kind}}.pc)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${file}.in ${PROJECT_BINARY_DIR}/${file} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
