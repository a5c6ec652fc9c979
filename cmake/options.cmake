# How everything is compiled: strict, portable (kernels choose their instructions at run time), hardened.
add_library(cornu_options INTERFACE)
target_compile_options(cornu_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wvla -Werror
  -fno-math-errno -ffp-contract=off -fstack-protector-strong)
target_compile_definitions(cornu_options INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(cornu_options INTERFACE ${PROJECT_SOURCE_DIR})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these from inside its own library where optimisation confuses it.
  target_compile_options(cornu_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized -Wno-missing-field-initializers -Wno-dangling-pointer)
else()
  target_compile_options(cornu_options INTERFACE -Wno-missing-field-initializers -Wno-missing-braces)
endif()
target_link_options(cornu_options INTERFACE -Wl,-z,relro,-z,now)

if(CORNU_SANITIZE STREQUAL "address")
  target_compile_options(cornu_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(cornu_options INTERFACE -fsanitize=address,undefined)
elseif(CORNU_SANITIZE STREQUAL "thread")
  target_compile_options(cornu_options INTERFACE -fsanitize=thread -O1)
  target_link_options(cornu_options INTERFACE -fsanitize=thread)
elseif(CORNU_SANITIZE)
  message(FATAL_ERROR "CORNU_SANITIZE is '${CORNU_SANITIZE}'; it can be empty, address or thread")
endif()
