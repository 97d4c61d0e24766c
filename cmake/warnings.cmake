# SPDX-License-Identifier: MIT
# Warnings of every target of ours, and the instrumentation that the whole build shares.
function(vmsim_warnings target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-Wshadow>
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
    # GCC 12 sees overlaps in "a" + std::string that are not there (GCC bug 105651, gone in 13).
    $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    $<$<AND:$<BOOL:${VMSIM_WERROR}>,$<COMPILE_LANGUAGE:C,CXX>>:-Werror>)
  if(VMSIM_SANITIZE) # instrumentation hides initialisation from GCC
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  endif()
endfunction()

if(VMSIM_SANITIZE)
  add_compile_options(-fsanitize=${VMSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${VMSIM_SANITIZE})
endif()
if(VMSIM_COVERAGE)
  add_compile_options(--coverage -g)
  add_link_options(--coverage)
endif()
if(VMSIM_SANITIZE OR VMSIM_CHECKED)
  add_compile_definitions(VMSIM_CHECKED)
endif()
if(VMSIM_EXPENSIVE_CHECKS)
  add_compile_definitions(VMSIM_EXPENSIVE_CHECKS)
endif()
