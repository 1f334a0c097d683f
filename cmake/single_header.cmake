# SPDX-License-Identifier: MIT
# attar_single_header: writes single_header/attar_infer.hpp into the build folder.
find_package(Python3 3.9 QUIET COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  set(attar_single_header_folder ${PROJECT_BINARY_DIR}/single_header)
  file(MAKE_DIRECTORY ${attar_single_header_folder})
  add_custom_command(OUTPUT ${attar_single_header_folder}/attar_infer.hpp
                     COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/cmake/single_header.py ${PROJECT_SOURCE_DIR}
                             ${attar_single_header_folder}/attar_infer.hpp
                     DEPENDS cmake/single_header.py LICENSE ${headers} ${onednn_headers} VERBATIM)
  add_custom_target(attar_single_header DEPENDS ${attar_single_header_folder}/attar_infer.hpp)
endif()
