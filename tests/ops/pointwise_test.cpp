// The pointwise table: every SIMD function against its scalar twin in double, types, and error texts.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "cornu/base/random.h"
#include "cornu/ops/ops.h"
#include "cornu/ops/pointwise_simd.h"

using namespace cornu;

namespace {

struct Line {
  const char* name;
  int operands;
  Takes takes;
};
constexpr Line lines[] = {
#define UNARY(op, takes, ...) {#op, 1, Takes::takes},
#define BINARY(op, takes, ...) {#op, 2, Takes::takes},
#define TERNARY(op, takes, ...) {#op, 3, Takes::takes},
#include "cornu/ops/pointwise.def"
};

/// Floats that lie next to each other are 1 apart; NaNs are 0 from each other and far from all else.
int64_t ulps(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b) ? 0 : std::numeric_limits<int64_t>::max();
  const auto place = [](float f) {
    const auto i = std::bit_cast<int32_t>(f);
    return i < 0 ? -int64_t{i & 0x7fffffff} : int64_t{i};
  };
  return std::abs(place(a) - place(b));
}

const std::vector<float> specials = {0.0f, -0.0f, 1.0f, -1.0f, 2.0f, -2.0f, 0.5f, -0.5f, 1.5f, 2.5f, -3.5f, 1e-45f, -1e-45f, 1e-39f, 1.17549435e-38f,
                                     1e-8f, -1e-8f, 1e-4f, 0.6249f, 0.6251f, 0.9999999f, 1.0000001f, 3.0f, 10.0f, -10.0f, 87.0f, 88.8f, 89.5f, -87.5f,
                                     -103.5f, -104.5f, -150.5f, 128.0f, -149.0f, 3.14159265f, 1.57079633f, 1e4f, 38999.0f, 39001.0f, 1e7f, -1e10f, 1e30f,
                                     3.3e38f, 3.4028235e38f, -3.4028235e38f, INFINITY, -INFINITY, NAN};

/// Numbers of every size: uniform around zero, around one, and over all bit patterns.
std::vector<float> spread(uint64_t stream, int n) {
  std::vector<float> out;
  for (uint32_t i = 0; static_cast<int>(out.size()) < n; ++i) {
    const auto bits = philox({i, 0, 0, 0}, {static_cast<uint32_t>(stream), 7});
    out.push_back((unit_float(bits[0]) - 0.5f) * 20);
    out.push_back((unit_float(bits[1]) - 0.5f) * 4);
    out.push_back(1 + (unit_float(bits[2]) - 0.5f) * 0.1f);
    out.push_back(std::bit_cast<float>(bits[3]));
  }
  return out;
}

void compare(const SimdFunctions& simd, size_t op, const std::vector<std::vector<float>>& in) {
  const size_t n = in[0].size();
  std::vector<float> fast(n), naive(n);
  TileSource sources[3];
  for (size_t k = 0; k < in.size(); ++k) sources[k] = {in[k].data(), -1};
  simd.pointwise[op](sources, fast.data(), static_cast<int64_t>(n));
  naive_function(static_cast<Pointwise>(op))(sources, naive.data(), static_cast<int64_t>(n));
  int64_t worst = 0;
  size_t where = 0;
  for (size_t i = 0; i < n; ++i)
    if (const int64_t u = ulps(fast[i], naive[i]); u > worst) worst = u, where = i;
  INFO(std::string(simd.name), " ", std::string(lines[op].name), "(", in[0][where], ", ", in.back()[where], ") = ", fast[where], ", not ", naive[where]);
  const bool is_gelu = std::string_view(lines[op].name).starts_with("gelu");
  CHECK(worst <= (is_gelu ? 8 : 4));
}

}  // namespace

TEST_CASE("every SIMD function is within 4 ulp of its double twin (gelu within 8), special values included") {
  for (const SimdFunctions* simd : simd_functions())
    for (size_t op = 0; op < pointwise_count; ++op) {
      std::vector<std::vector<float>> in(static_cast<size_t>(lines[op].operands));
      for (size_t k = 0; k < in.size(); ++k) {
        in[k] = spread(k, 20000);
        for (size_t i = 0; i < specials.size(); ++i)
          for (size_t j = 0; j < specials.size(); ++j) in[k].push_back(specials[k == 0 ? i : j]);
        const bool logic = lines[op].takes == Takes::bools || (lines[op].takes == Takes::choose && k == 0);
        if (logic)
          for (float& x : in[k]) x = x > 0 ? 1.0f : 0.0f;
      }
      compare(*simd, op, in);
    }
}

TEST_CASE("tile functions keep to their n elements and read one number where the mask is zero") {
  for (const SimdFunctions* simd : simd_functions())
    for (const int64_t n : {0, 1, 3, 7, 8, 9, 15, 16, 17, 255, 256}) {
      std::vector<float> a(static_cast<size_t>(n) + 1, 2.0f), y(static_cast<size_t>(n) + 2, -5.0f);
      const std::vector<float> three(16, 3.0f);
      const TileSource in[] = {{a.data(), -1}, {three.data(), 0}};
      simd->pointwise[static_cast<size_t>(Pointwise::multiply)](in, y.data() + 1, n);
      CHECK(y[0] == -5.0f);
      for (int64_t i = 0; i < n; ++i) CHECK(y[static_cast<size_t>(i) + 1] == 6.0f);
      CHECK(y.back() == -5.0f);
    }
}

TEST_CASE("integers wrap, divide towards minus infinity, and never trap") {
  const int64_t least = std::numeric_limits<int64_t>::min();
  const std::vector<int64_t> a{7, -7, 7, -7, 5, least, least}, b{2, 2, -2, -2, 0, -1, 1};
  std::vector<int64_t> y(a.size());
  const TileSource in[] = {{a.data(), -1}, {b.data(), -1}};
  const auto run = [&](Pointwise op) {
    scalar_function(op, Lane::i64)(in, y.data(), static_cast<int64_t>(a.size()));
    return y;
  };
  CHECK(run(Pointwise::floor_divide) == std::vector<int64_t>{3, -4, -4, 3, 0, least, least});
  CHECK(run(Pointwise::mod) == std::vector<int64_t>{1, 1, -1, -1, 0, 0, 0});
  CHECK(run(Pointwise::subtract)[6] == std::numeric_limits<int64_t>::max());
}

TEST_CASE("operands of the wrong type are refused with the remedy") {
  Graph g;
  const Value f = g.input("f", {DType::float32, Shape{2}}), i = g.input("i", {DType::int32, Shape{2}});
  const Value wide = g.input("wide", {DType::float32, Shape{3}});
  CHECK_THROWS_WITH_AS(exp(i), "exp needs floats, was given int32; cast() first", ShapeError);
  CHECK_THROWS_WITH_AS(add(f, i), "add needs operands of one dtype, was given float32 and int32; cast() one of them", ShapeError);
  CHECK_THROWS_WITH_AS(logical_not(f), "logical_not needs bools, was given float32; cast() first", ShapeError);
  CHECK_THROWS_WITH_AS(select(f, f, f), "select needs a bool condition, was given float32; compare first: not_equal(x, 0)", ShapeError);
  CHECK_THROWS_WITH_AS(add(f, wide), "add: shapes [2] and [3] do not broadcast", ShapeError);
  CHECK_THROWS_AS(clip(f, 2, 1), ArgumentError);
}

TEST_CASE("results have the types and shapes of NumPy's") {
  Graph g;
  const Value row = g.input("row", {DType::float32, Shape{1, 4}}), column = g.input("column", {DType::float32, Shape{3, 1}});
  CHECK(add(row, column).type() == TensorType{DType::float32, Shape{3, 4}});
  CHECK(less(row, column).type() == TensorType{DType::boolean, Shape{3, 4}});
  CHECK(isnan(row).dtype() == DType::boolean);
  CHECK(select(less(row, column), row, row).shape() == Shape{3, 4});
  CHECK(cast(row, DType::int64).dtype() == DType::int64);
  CHECK(cast(row, DType::float32) == row);
}
