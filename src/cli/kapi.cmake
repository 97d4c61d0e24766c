# SPDX-License-Identifier: MIT
# The index of the C face, and the program that writes docs/kapi.md and docs/dialects.md from it (not installed).
file(GLOB kapi_index_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/kapi_*.cpp)
list(FILTER kapi_index_sources EXCLUDE REGEX "/kapi_docs\\.cpp$")
add_library(vmsim_kapi_index STATIC ${kapi_index_sources})
target_include_directories(vmsim_kapi_index PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(vmsim_kapi_index PUBLIC tl::expected)
vmsim_warnings(vmsim_kapi_index)

add_executable(vmsim_kapi_docs ${CMAKE_CURRENT_LIST_DIR}/kapi_docs.cpp)
target_link_libraries(vmsim_kapi_docs PRIVATE vmsim_kapi_index)
vmsim_warnings(vmsim_kapi_docs)
