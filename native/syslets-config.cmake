# find_package(syslets): targets syslets::syslets, shared, and syslets::syslets_static.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/syslets-targets.cmake)
