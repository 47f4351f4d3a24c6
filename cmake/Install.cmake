# `cmake --install`: the library, its headers under include/anam, a package for find_package(anam), the command.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(ANAM_CONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/anam")
install(TARGETS anam EXPORT anamTargets
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/anam"
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/anam")
install(EXPORT anamTargets NAMESPACE anam:: DESTINATION "${ANAM_CONFIG_DIR}")
if(TARGET anam_cli)
  install(TARGETS anam_cli)
endif()

configure_package_config_file(cmake/anamConfig.cmake.in "${PROJECT_BINARY_DIR}/anamConfig.cmake"
                              INSTALL_DESTINATION "${ANAM_CONFIG_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/anamConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/anamConfig.cmake" "${PROJECT_BINARY_DIR}/anamConfigVersion.cmake"
              cmake/FindLMDB.cmake cmake/FindxxHash.cmake
        DESTINATION "${ANAM_CONFIG_DIR}")
