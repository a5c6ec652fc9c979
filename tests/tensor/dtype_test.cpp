#include "cornu/tensor/dtype.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "cornu/base/error.h"

using namespace cornu;

namespace {
uint16_t rounded(uint32_t bits) { return bfloat16(std::bit_cast<float>(bits)).bits; }
}  // namespace

TEST_CASE("bfloat16 rounds to nearest, ties to even") {
  CHECK(rounded(0x3f800000) == 0x3f80);  // 1
  CHECK(rounded(0x3f807fff) == 0x3f80);  // just below the middle
  CHECK(rounded(0x3f808000) == 0x3f80);  // the middle, down to even
  CHECK(rounded(0x3f808001) == 0x3f81);
  CHECK(rounded(0x3f818000) == 0x3f82);  // the middle, up to even
  CHECK(rounded(0xbf808001) == 0xbf81);  // signs change nothing
  CHECK(rounded(0x00008001) == 0x0001);  // denormals too
  CHECK(rounded(0x80000000) == 0x8000);  // -0 stays -0
}

TEST_CASE("bfloat16 overflows to infinity and keeps NaN") {
  CHECK(rounded(0x7f7fffff) == 0x7f80);  // the largest float
  CHECK(rounded(0x7f7f0000) == 0x7f7f);
  CHECK(std::isinf(float(bfloat16(-std::numeric_limits<float>::infinity()))));
  for (const uint32_t nan : {0x7f800001u, 0x7fc00000u, 0xffffffffu, 0x7fffffffu})
    CHECK(std::isnan(float(bfloat16(std::bit_cast<float>(nan)))));
}

TEST_CASE("every bfloat16 is a float that rounds to itself") {
  int changed = 0;
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    bfloat16 b;
    b.bits = static_cast<uint16_t>(bits);
    const float f(b);
    changed += std::isnan(f) ? !std::isnan(float(bfloat16(f))) : bfloat16(f).bits != bits;
  }
  CHECK(changed == 0);
}

TEST_CASE("dtypes go by Keras's names") {
  for (const DType d :
       {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8, DType::boolean})
    CHECK(dtype_named(name_of(d)) == d);
  CHECK(name_of(DType::boolean) == "bool");
  CHECK(text(DType::bfloat16) == "bfloat16");
  CHECK_THROWS_WITH_AS(dtype_named("flaot32"), "unknown dtype 'flaot32' (did you mean 'float32'?)", ArgumentError);
}

TEST_CASE("sizes and kinds agree with the C++ types") {
  for (const DType d :
       {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8, DType::boolean})
    with_type(d, [&](auto zero) {
      using T = decltype(zero);
      CHECK(dtype_of<T> == d);
      CHECK(bytes_of(d) == sizeof(T));
      CHECK(is_float(d) == (std::is_floating_point_v<T> || std::is_same_v<T, bfloat16>));
      CHECK(is_integer(d) == (std::is_integral_v<T> && !std::is_same_v<T, bool>));
    });
}
