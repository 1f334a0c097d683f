# SPDX-License-Identifier: MIT
# Installs BUILD_DIR into STAGE and moves that to PREFIX, so that a path baked into the package does not go unnoticed.
file(REMOVE_RECURSE ${STAGE} ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${STAGE} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${STAGE} ${PREFIX})

file(GLOB_RECURSE package_files ${PREFIX}/share/*.cmake ${PREFIX}/share/*.pc)
foreach(file IN LISTS package_files)
  file(READ ${file} text)
  foreach(path ${STAGE} ${BUILD_DIR})
    string(FIND "${text}" ${path} position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${file} holds the absolute path ${path}")
    endif()
  endforeach()
endforeach()
