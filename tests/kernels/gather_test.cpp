#include "cornu/kernels/gather.h"

#include "cornu/base/error.h"
#include "cornu/kernels/reference.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

Tensor some_indices(int64_t picks, int64_t rows, DType dtype) {
  std::vector<int64_t> v;
  for (int64_t i = 0; i < picks; ++i) v.push_back(i * i * 7 % std::max<int64_t>(rows, 1));
  return Tensor({picks}, v).cast(dtype);
}
const DType index_dtypes[] = {DType::int32, DType::int64, DType::uint8};

}  // namespace

TEST_CASE("gather picks rows of every dtype") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::uint8, DType::boolean})
    for (const DType index : index_dtypes)
      for (const int64_t width : {1, 3, 64}) {
        const Tensor x = normal_numbers({11, width}, dtype, 1, 5, 20), indices = some_indices(23, 11, index);
        const Kernel kernel = gather_kernel(index, 11, width * static_cast<int64_t>(bytes_of(dtype)), 23);
        check_near(run_kernel(kernel, {x, indices}, {{dtype, {23, width}}})[0], reference::gather(x, indices), 0);
        check_near(run_kernel(kernel, {misaligned(x), misaligned(indices)}, {{dtype, {23, width}}})[0], reference::gather(x, indices), 0);
      }
  CHECK_THROWS_WITH_AS(gather_kernel(DType::float32, 1, 4, 1), "indices are integers, but were given as float32", UnsupportedError);
}

TEST_CASE("an index outside the rows reads as zeros and is not written") {
  const Tensor x{{1, 2}, {3, 4}}, indices({3}, std::vector<int32_t>{-1, 1, 2});
  CHECK(run_kernel(gather_kernel(DType::int32, 2, 8, 3), {x, indices}, {{DType::float32, {3, 2}}})[0] == Tensor{{0, 0}, {3, 4}, {0, 0}});
  const Tensor updates{{1, 2}, {3, 4}, {5, 6}};
  CHECK(run_kernel(scatter_add_kernel(DType::float32, DType::int32, 2, 2, 3), {updates, indices}, {{DType::float32, {2, 2}}})[0] == Tensor{{0, 0}, {3, 4}});
}

TEST_CASE("scatter_add adds up what gather would spread") {
  for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64})
    for (const DType index : index_dtypes)
      for (const int64_t width : {1, 3, 64}) {
        const Tensor updates = normal_numbers({29, width}, dtype, 2, 8), indices = some_indices(29, 13, index);
        const Kernel kernel = scatter_add_kernel(dtype, index, 13, width, 29);
        const double eps = dtype == DType::bfloat16 ? 0x1p-8 : dtype == DType::float32 ? 0x1p-24 : 0;
        CAPTURE(text(dtype, " by ", index, ", ", width));
        const Tensor got = run_kernel(kernel, {updates, indices}, {{dtype, {13, width}}})[0];
        check_near(got, reference::scatter_add(updates, indices, 13), eps, dtype == DType::float64 ? 1e-13 : 29 * 32 * 0x1p-24);
        CHECK(run_kernel(kernel, {misaligned(updates), misaligned(indices)}, {{dtype, {13, width}}})[0] == got);
      }
}

TEST_CASE("a large scatter_add is cut into slices of rows and adds in the order of the updates") {
  const int64_t picks = 3000, rows = 400, width = 64;
  const Tensor updates = normal_numbers({picks, width}), indices = some_indices(picks, rows, DType::int64);
  const Kernel kernel = scatter_add_kernel(DType::float32, DType::int64, rows, width, picks);
  REQUIRE(kernel.phases.back().slices > 1);
  std::vector<float> want(static_cast<size_t>(rows * width), 0);
  for (int64_t i = 0; i < picks; ++i)
    for (int64_t k = 0; k < width; ++k)
      want[static_cast<size_t>(static_cast<int64_t>(indices.at(i)) * width + k)] += updates.values<float>()[static_cast<size_t>(i * width + k)];
  CHECK(run_kernel(kernel, {updates, indices}, {{DType::float32, {rows, width}}})[0] == Tensor({rows, width}, want));
}
