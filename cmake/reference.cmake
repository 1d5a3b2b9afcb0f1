# SPDX-License-Identifier: Apache-2.0
# The reference of the public headers, which Doxygen writes to build/PRESET/reference. A public name without a comment is an
# error.
find_program(PKI_DOXYGEN doxygen REQUIRED)
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/pki/*.hpp)
set(doxyfile ${PROJECT_BINARY_DIR}/Doxyfile)
file(WRITE ${doxyfile} "@INCLUDE = Doxyfile\nOUTPUT_DIRECTORY = ${PROJECT_BINARY_DIR}\n")
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/reference/index.html
                   COMMAND ${PKI_DOXYGEN} ${doxyfile}
                   WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                   DEPENDS ${PROJECT_SOURCE_DIR}/Doxyfile ${headers} COMMENT "Writing the reference")
add_custom_target(reference ALL DEPENDS ${PROJECT_BINARY_DIR}/reference/index.html)
