# Libraries that have no CMake package of their own. Read by cornu's build and, installed, by find_package(cornu): the package names
# libraries, never the paths of the machine that built it.

# cornu_find_library(NAME): the imported target cornu::NAME, if libNAME is there.
function(cornu_find_library name)
  find_library(CORNU_LIBRARY_${name} ${name})
  mark_as_advanced(CORNU_LIBRARY_${name})
  if(CORNU_LIBRARY_${name} AND NOT TARGET cornu::${name})
    add_library(cornu::${name} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(cornu::${name} PROPERTIES IMPORTED_LOCATION ${CORNU_LIBRARY_${name}})
  endif()
endfunction()
