# SPDX-License-Identifier: MIT
# Builds kernel C sources into a loadable driver (.vko). Works inside vmsim's tree and from the installed package.
#
#   vmsim_add_driver(NAME scull SOURCES main.c pipe.c [KERNEL 6.12] [MODULE name] [INCLUDE dir...]
#                    [DEFINITIONS NAME[=value]...] [OPTIONS flag...])
#     Target `scull`, built by default, makes <binary dir>/scull.vko; its property VMSIM_VKO is that path.
#     The module is called like the target, or MODULE.
#   vmsim_driver_path(<variable> <name>)
#   vmsim_driver_flags(<variable> <kernel version>): what every source is compiled with, names apart.
cmake_policy(VERSION 3.25)

set_property(GLOBAL PROPERTY VMSIM_DRIVER_CC_INCLUDE "")

# Where the C face is; the first folder has linux/kconfig.h.
function(vmsim_kapi_dirs)
  set_property(GLOBAL PROPERTY VMSIM_KAPI_DIRS ${ARGV})
endfunction()

# The number that KERNEL_VERSION() gives: a patch level above 255 counts as 255.
function(_vmsim_version_code out version)
  if(NOT version MATCHES "^([0-9]+)\\.([0-9]+)(\\.([0-9]+))?$" OR version VERSION_LESS 2.4)
    message(FATAL_ERROR "vmsim: KERNEL '${version}' is not a kernel version; expected one like 2.6.10 or 6.12")
  endif()
  set(major ${CMAKE_MATCH_1})
  set(minor ${CMAKE_MATCH_2})
  set(patch "${CMAKE_MATCH_4}")
  if(patch STREQUAL "")
    set(patch 0)
  elseif(patch GREATER 255)
    set(patch 255)
  endif()
  math(EXPR code "${major} * 65536 + ${minor} * 256 + ${patch}" OUTPUT_FORMAT HEXADECIMAL)
  set(${out} ${code} PARENT_SCOPE)
endfunction()

# The folder of stdarg.h and its kind: the only headers that a kernel source shares with the host.
function(_vmsim_compiler_include out)
  get_property(dir GLOBAL PROPERTY VMSIM_DRIVER_CC_INCLUDE)
  if(NOT dir)
    if(NOT CMAKE_C_COMPILER)
      message(FATAL_ERROR "vmsim: drivers are C; add C to the languages of project()")
    endif()
    execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
      OUTPUT_VARIABLE dir OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    if(NOT EXISTS ${dir}/stdarg.h)
      message(FATAL_ERROR "vmsim: ${CMAKE_C_COMPILER} names '${dir}' as its own include folder, "
        "which has no stdarg.h; drivers need gcc or clang")
    endif()
    set_property(GLOBAL PROPERTY VMSIM_DRIVER_CC_INCLUDE ${dir})
  endif()
  set(${out} ${dir} PARENT_SCOPE)
endfunction()

# The words of driver_flags.txt for one kernel, compiler and purpose (compile or link).
function(_vmsim_driver_words out purpose kernel)
  _vmsim_version_code(code ${kernel})
  _vmsim_compiler_include(cc_include)
  get_property(kapi_dirs GLOBAL PROPERTY VMSIM_KAPI_DIRS)
  list(GET kapi_dirs 0 kapi)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kapi}/driver_flags.txt)
  file(STRINGS ${kapi}/driver_flags.txt lines REGEX "^[a-z]")
  set(words "")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^(all|since|before|gcc|clang|link) (([0-9.]+) )?([^ ]+)$")
      message(FATAL_ERROR "vmsim: ${kapi}/driver_flags.txt: '${line}' is no condition and one word")
    endif()
    set(when "${CMAKE_MATCH_1}")
    set(version "${CMAKE_MATCH_3}")
    set(word "${CMAKE_MATCH_4}")
    set(words_of compile)
    if(when STREQUAL "link")
      set(words_of link)
    endif()
    if(NOT words_of STREQUAL purpose
        OR (when STREQUAL "since" AND kernel VERSION_LESS version)
        OR (when STREQUAL "before" AND NOT kernel VERSION_LESS version)
        OR (when STREQUAL "clang" AND NOT CMAKE_C_COMPILER_ID MATCHES Clang)
        OR (when STREQUAL "gcc" AND CMAKE_C_COMPILER_ID MATCHES Clang))
      continue()
    endif()
    string(REPLACE "@CC_INCLUDE@" "${cc_include}" word "${word}")
    string(REPLACE "@KAPI@" "${kapi}" word "${word}")
    string(REPLACE "@KERNEL@" "${code}" word "${word}")
    if(word MATCHES "@KAPI_DIR@")
      foreach(dir IN LISTS kapi_dirs)
        string(REPLACE "@KAPI_DIR@" "${dir}" one "${word}")
        list(APPEND words "${one}")
      endforeach()
    else()
      list(APPEND words "${word}")
    endif()
  endforeach()
  set(${out} ${words} PARENT_SCOPE)
endfunction()

function(vmsim_driver_flags out kernel)
  _vmsim_driver_words(flags compile ${kernel})
  set(${out} ${flags} PARENT_SCOPE)
endfunction()

# Adds the command that compiles one source; the object's path goes to <out>.
function(_vmsim_driver_object out name module source)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  get_source_file_property(generated ${source} GENERATED)
  if(NOT EXISTS ${source} AND NOT generated)
    message(FATAL_ERROR "vmsim_add_driver(${name}): no such source: ${source}")
  endif()
  cmake_path(GET source STEM LAST_ONLY stem)
  string(MAKE_C_IDENTIFIER ${stem} basename)
  string(MAKE_C_IDENTIFIER ${module} modname)
  # The hash keeps a/main.c and b/main.c of one driver apart.
  string(SHA256 path_hash ${source})
  string(SUBSTRING ${path_hash} 0 8 path_hash)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir)
  file(MAKE_DIRECTORY ${dir})
  set(object ${dir}/${stem}-${path_hash}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_C_COMPILER_LAUNCHER} ${CMAKE_C_COMPILER} ${ARGN}
      "-DKBUILD_MODNAME=\"${modname}\"" "-DKBUILD_BASENAME=\"${basename}\""
      -fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=
      -MD -MT ${object} -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d
    COMMENT "Building driver object ${name}/${stem}.o" VERBATIM)
  set(${out} ${object} PARENT_SCOPE)
endfunction()

function(vmsim_add_driver)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;KERNEL;MODULE" "SOURCES;INCLUDE;DEFINITIONS;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "vmsim_add_driver(${arg_NAME}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "vmsim_add_driver(${arg_NAME}): nothing after ${arg_KEYWORDS_MISSING_VALUES}")
  elseif(NOT arg_NAME OR NOT arg_SOURCES)
    message(FATAL_ERROR "vmsim_add_driver: NAME and SOURCES are required")
  elseif(TARGET ${arg_NAME})
    message(FATAL_ERROR "vmsim_add_driver(${arg_NAME}): there is a target of this name already")
  endif()
  if(NOT arg_KERNEL)
    set(arg_KERNEL 6.12)
  endif()
  if(NOT arg_MODULE)
    set(arg_MODULE ${arg_NAME})
  endif()

  vmsim_driver_flags(flags ${arg_KERNEL})
  _vmsim_driver_words(link_flags link ${arg_KERNEL})
  foreach(dir IN LISTS arg_INCLUDE)
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND flags -I${dir})
  endforeach()
  list(TRANSFORM arg_DEFINITIONS REPLACE "^(-D)?(.+)$" "-D\\2")
  list(APPEND flags ${arg_DEFINITIONS} ${arg_OPTIONS})

  set(objects "")
  foreach(source IN LISTS arg_SOURCES)
    _vmsim_driver_object(object ${arg_NAME} ${arg_MODULE} ${source} ${flags})
    list(APPEND objects ${object})
  endforeach()
  set(vko ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.vko)
  add_custom_command(OUTPUT ${vko}
    COMMAND ${CMAKE_C_COMPILER} ${link_flags} -o ${vko} ${objects}
    DEPENDS ${objects} COMMENT "Linking driver ${arg_NAME}.vko" VERBATIM)
  add_custom_target(${arg_NAME} ALL DEPENDS ${vko} SOURCES ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES VMSIM_VKO ${vko})
endfunction()

function(vmsim_driver_path out name)
  if(TARGET ${name})
    get_target_property(vko ${name} VMSIM_VKO)
  endif()
  if(NOT vko)
    message(FATAL_ERROR "vmsim_driver_path: '${name}' is not a driver made by vmsim_add_driver")
  endif()
  set(${out} ${vko} PARENT_SCOPE)
endfunction()
