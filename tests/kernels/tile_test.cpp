// The tile machine on its own, with plain functions: every way to reach an operand, aliasing, slices, epilogues.
#include "cornu/kernels/tile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "cornu/base/error.h"

using namespace cornu;

namespace {

template <class T> void add(const TileSource* in, void* y, int64_t n) {
  const auto *a = static_cast<const T*>(in[0].data), *b = static_cast<const T*>(in[1].data);
  for (int64_t i = 0; i < n; ++i) static_cast<T*>(y)[i] = a[i & in[0].mask] + b[i & in[1].mask];
}
void twice(const TileSource* in, void* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(y)[i] = 2 * static_cast<const float*>(in[0].data)[i & in[0].mask];
}

std::vector<float> counting(int64_t n, float from = 0) {
  std::vector<float> v(static_cast<size_t>(n));
  std::iota(v.begin(), v.end(), from);
  return v;
}

/// a + b over `space`, b stretched from `b_shape`.
TileProgram sum_of(const Shape& space, const Shape& b_shape, DType dtype = DType::float32) {
  TileProgram p{.space = space, .inputs = {}, .code = {}, .outputs = {2}, .output_types = {dtype}};
  p.inputs = {{.dtype = dtype, .strides = dense_strides(space)}, {.dtype = dtype, .strides = broadcast_strides(b_shape, space)}};
  const Lane lane = lane_of(dtype);
  p.code = {{.function = lane == Lane::f32 ? add<float> : lane == Lane::f64 ? add<double> : add<int64_t>, .operands = {0, 1, -1, -1, -1}, .y = 2, .lane = lane}};
  return p;
}

void run(const Kernel& kernel, std::vector<void*> buffers) {
  std::vector<std::byte> scratch(kernel.scratch_bytes + 64);
  for (const Phase& phase : kernel.phases)
    for (int s = phase.slices - 1; s >= 0; --s) {
      std::fill(scratch.begin(), scratch.end(), std::byte{0xa5});
      phase.run(kernel.context.get(), buffers.data(), s, scratch.data());
    }
}

/// b[offset of element i of space].
int64_t place(const Shape& space, const std::vector<int64_t>& strides, int64_t i) {
  int64_t at = 0;
  for (int a = space.rank() - 1; a >= 0; --a) at += i % space[a] * strides[static_cast<size_t>(a)], i /= space[a];
  return at;
}

}  // namespace

TEST_CASE("operands stretch along any axes, for sizes on either side of a tile") {
  const std::vector<std::pair<Shape, Shape>> cases = {
      {{0}, {0}}, {{}, {}}, {{1}, {1}}, {{7}, {7}}, {{8}, {1}}, {{9}, {}}, {{255}, {255}}, {{256}, {256}}, {{257}, {1}}, {{1000}, {1000}},
      {{32, 10}, {10}}, {{32, 10}, {32, 1}}, {{100, 255}, {255}}, {{5, 256}, {256}}, {{5, 300}, {300}}, {{5, 300}, {5, 1}}, {{3, 700}, {3, 1}},
      {{4, 5, 60}, {4, 1, 60}}, {{4, 5, 60}, {5, 1}}, {{4, 5, 60}, {1, 5, 60}}, {{2, 3, 4, 50}, {3, 1, 50}}, {{70000}, {70000}}, {{700, 100}, {100}}};
  for (const auto& [space, b_shape] : cases) {
    const int64_t n = space.elements();
    for (const size_t shift : {0, 1}) {  // misaligned by one float
      std::vector<float> a = counting(n + 1), b = counting(b_shape.elements() + 1, 0.5f), y(static_cast<size_t>(n) + 2, -1.0f);
      run(tile_kernel(sum_of(space, b_shape)), {a.data() + shift, b.data() + shift, y.data() + shift});
      const auto strides = broadcast_strides(b_shape, space);
      bool right = true;
      for (int64_t i = 0; i < n; ++i)
        right = right && y[static_cast<size_t>(i) + shift] == a[static_cast<size_t>(i) + shift] + b[static_cast<size_t>(place(space, strides, i)) + shift];
      const std::string what = text(space, " + ", b_shape);  // clang 14 cannot capture structured bindings
      INFO(what);
      CHECK(right);
      CHECK(y[static_cast<size_t>(n) + shift] == -1.0f);
      if (shift) CHECK(y[0] == -1.0f);
    }
  }
}

TEST_CASE("every dtype is loaded, computed and stored") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8})
    for (const Shape& b_shape : {Shape{3, 100}, Shape{100}, Shape{3, 1}, Shape{}}) {
      const Shape space{3, 100};
      std::vector<double> small(300);
      for (size_t i = 0; i < small.size(); ++i) small[i] = static_cast<double>(i % 100);
      const Tensor a = Tensor(space, small).cast(dtype);
      small.resize(static_cast<size_t>(b_shape.elements()));
      const Tensor b = Tensor(b_shape, small).cast(dtype);
      Tensor y(dtype, space);
      run(tile_kernel(sum_of(space, b_shape, dtype)), {const_cast<void*>(a.data()), const_cast<void*>(b.data()), y.mutable_data()});
      const auto strides = broadcast_strides(b_shape, space);
      bool right = true;
      for (int64_t i = 0; i < 300; ++i) right = right && y.at(i) == a.at(i) + b.at(place(space, strides, i));
      INFO(text(dtype, " ", b_shape));
      CHECK(right);
    }
}

TEST_CASE("an output may lie in the memory of an input that is read again later") {
  // y = a + b, z = a + y: y takes a's memory before z reads a.
  TileProgram p = sum_of({1000}, {1000});
  p.code.push_back({.function = add<float>, .operands = {0, 2, -1, -1, -1}, .y = 3, .lane = Lane::f32});
  p.outputs = {2, 3};
  p.output_types = {DType::float32, DType::float32};
  const Kernel kernel = tile_kernel(p);
  const std::vector<float> a = counting(1000), b = counting(1000, 3);
  for (const bool swapped : {false, true}) {
    std::vector<float> in_a = a, in_b = b;
    float *first = swapped ? in_b.data() : in_a.data(), *second = swapped ? in_a.data() : in_b.data();
    run(kernel, {in_a.data(), in_b.data(), first, second});
    bool right = true;
    for (size_t i = 0; i < 1000; ++i) right = right && first[i] == a[i] + b[i] && second[i] == 2 * a[i] + b[i];
    CHECK(right);
  }
}

TEST_CASE("segments of different sizes run as one kernel, cut anywhere") {
  std::vector<TileProgram> programs;
  std::vector<std::vector<float>> a, b, y;
  std::vector<void*> in, out;
  for (const int64_t n : {10, 7840, 0, 1, 100000, 257}) {
    programs.push_back(sum_of({n}, {1}));
    a.push_back(counting(n)), b.push_back({static_cast<float>(n)}), y.emplace_back(static_cast<size_t>(n));
  }
  for (size_t s = 0; s < a.size(); ++s) in.insert(in.end(), {a[s].data(), b[s].data()}), out.push_back(y[s].data());
  in.insert(in.end(), out.begin(), out.end());
  const Kernel kernel = tile_kernel(std::move(programs), "segments");
  CHECK(kernel.phases[0].slices > 1);
  run(kernel, in);
  bool right = true;
  for (size_t s = 0; s < a.size(); ++s)
    for (size_t i = 0; i < y[s].size(); ++i) right = right && y[s][i] == a[s][i] + b[s][0];
  CHECK(right);
}

TEST_CASE("an epilogue on blocks gives what the whole gives") {
  // (block + bias, the same + full): a bias row, a full operand, two outputs.
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{32, 10}, {64, 64}, {17, 300}, {5, 1}}) {
    const Shape space{rows, columns};
    TileProgram p = sum_of(space, {columns});
    p.inputs.push_back({.dtype = DType::float32, .strides = dense_strides(space)});
    p.code = {{.function = add<float>, .operands = {0, 1, -1, -1, -1}, .y = 3, .lane = Lane::f32},
              {.function = add<float>, .operands = {3, 2, -1, -1, -1}, .y = 4, .lane = Lane::f32},
              {.function = twice, .operands = {4, -1, -1, -1, -1}, .y = 5, .lane = Lane::f32}};
    p.outputs = {3, 5};
    p.output_types = {DType::float32, DType::float32};
    const Epilogue epilogue(p);
    CHECK(epilogue.extra_inputs() == 2);
    const std::vector<float> product = counting(rows * columns), bias = counting(columns, 0.25f), full = counting(rows * columns, 7);

    for (const auto& [block_rows, block_columns] : {std::pair<int64_t, int64_t>{rows, columns}, {4, columns}, {8, 16}, {3, 7}})
      for (const bool in_place : {false, true}) {
        std::vector<float> y = in_place ? product : std::vector<float>(product.size()), z(product.size()), block(4096);
        std::vector<std::byte> scratch(epilogue.scratch_bytes());
        void* operands[] = {const_cast<float*>(bias.data()), const_cast<float*>(full.data()), y.data(), z.data()};
        for (int64_t r = 0; r < rows; r += block_rows)
          for (int64_t c = 0; c < columns; c += block_columns) {
            const int64_t m = std::min(block_rows, rows - r), n = std::min(block_columns, columns - c), stride = n + 3;
            for (int64_t i = 0; i < m && !in_place; ++i)
              for (int64_t j = 0; j < n; ++j) {
                if (static_cast<size_t>(i * stride + n) > block.size()) block.resize(static_cast<size_t>(i * stride + n));
                block[static_cast<size_t>(i * stride + j)] = product[static_cast<size_t>((r + i) * columns + c + j)];
              }
            if (in_place) epilogue.run(y.data() + r * columns + c, columns, r, m, c, n, operands, scratch.data());
            else epilogue.run(block.data(), stride, r, m, c, n, operands, scratch.data());
          }
        bool right = true;
        for (size_t i = 0; i < product.size(); ++i) {
          const float sum = product[i] + bias[i % static_cast<size_t>(columns)];
          right = right && y[i] == sum && z[i] == 2 * (sum + full[i]);
        }
        const std::string what = text(space, " in blocks of ", Shape{block_rows, block_columns}, in_place ? " in place" : "");
        INFO(what);
        CHECK(right);
      }
  }
}
