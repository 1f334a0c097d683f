# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/attar) # share, not lib: headers are for every architecture
install(TARGETS attar_attar EXPORT attarTargets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS attar_onednn EXPORT attarOnednnTargets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS attar_embedded EXPORT attarEmbeddedTargets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT attarTargets NAMESPACE attar:: DESTINATION ${package_dir})
install(EXPORT attarOnednnTargets NAMESPACE attar:: DESTINATION ${package_dir})
install(EXPORT attarEmbeddedTargets NAMESPACE attar:: DESTINATION ${package_dir})

configure_package_config_file(cmake/attarConfig.cmake.in attarConfig.cmake INSTALL_DESTINATION ${package_dir}
                              NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(attarConfigVersion.cmake COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/attarConfig.cmake ${PROJECT_BINARY_DIR}/attarConfigVersion.cmake
              cmake/FindRapidJSON.cmake cmake/FindxxHash.cmake cmake/variants.cmake cmake/isolate_variant.cmake
        DESTINATION ${package_dir})

configure_file(cmake/attar.pc.in attar.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/attar.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
