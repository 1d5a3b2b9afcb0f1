# SPDX-License-Identifier: Apache-2.0
# Run by cpack between installation and packaging: every package gets its changelog, copyright and overrides, and manual
# pages are compressed, as the policy of Debian asks. SOURCE_DATE_EPOCH sets the date of the changelog.
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)

function(pki_compress file)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  set(folder ${root}/share/doc/${package})

  file(MAKE_DIRECTORY ${folder})
  file(COPY ${CPACK_DEBIAN_FOLDER}/copyright DESTINATION ${folder}
       FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(WRITE ${folder}/changelog.Debian "pkigen (${version}) unstable; urgency=medium\n\n"
       "  * The changes of each version are in CHANGELOG.md of the source.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  pki_compress(${folder}/changelog.Debian)

  # One file has the overrides of every package, so that each reason is written once.
  file(STRINGS ${CPACK_DEBIAN_FOLDER}/lintian-overrides overrides)
  list(FILTER overrides INCLUDE REGEX "^(#|${component}:)")
  list(TRANSFORM overrides REPLACE "^${component}:" "${package}:")
  list(JOIN overrides "\n" overrides)
  file(MAKE_DIRECTORY ${root}/share/lintian/overrides)
  file(WRITE ${root}/share/lintian/overrides/${package} "${overrides}\n")

  file(GLOB_RECURSE pages ${root}/share/man/*.[1-9])
  foreach(page IN LISTS pages)
    pki_compress(${page})
  endforeach()
  file(GLOB_RECURSE folders LIST_DIRECTORIES true ${root}/*)
  foreach(entry IN LISTS folders)
    if(IS_DIRECTORY ${entry})
      file(CHMOD ${entry} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
           WORLD_READ WORLD_EXECUTE)
    endif()
  endforeach()
endforeach()
