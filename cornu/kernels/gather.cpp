// Gather and scatter-add of rows.
#include "cornu/kernels/gather.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "cornu/base/error.h"

namespace cornu {
namespace {

/// Calls f with a value of the C++ type of an integer dtype.
template <class F> Kernel with_index_type(DType dtype, F f) {
  switch (dtype) {
    case DType::int32: return f(int32_t{});
    case DType::int64: return f(int64_t{});
    case DType::uint8: return f(uint8_t{});
    default: throw UnsupportedError(text("indices are integers, but were given as ", dtype));
  }
}

struct Picks {
  int64_t rows, width, picks;  // width: bytes for gather, elements for scatter-add
  int slices;
};

template <class Index> void gather(const Picks& p, void* const* buffers, int slice, void*) {
  const auto* x = static_cast<const char*>(buffers[0]);
  const auto* indices = static_cast<const Index*>(buffers[1]);
  auto* y = static_cast<char*>(buffers[2]);
  const auto bytes = static_cast<size_t>(p.width);
  const Range range = slice_of(p.picks, p.slices, slice);
  for (int64_t i = range.first; i < range.last; ++i) {
    const auto row = static_cast<int64_t>(indices[i]);
    if (row >= 0 && row < p.rows) std::memcpy(y + i * p.width, x + row * p.width, bytes);
    else std::memset(y + i * p.width, 0, bytes);
  }
}

template <class T> T added(T a, T b) {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));  // wraps
  else return a + b;
}

/// Slices own rows; sums in Sum, in the workspace where that is not T.
template <class T, class Sum, class Index> void scatter_add(const Picks& p, void* const* buffers, int slice, void*) {
  const auto* updates = static_cast<const T*>(buffers[0]);
  const auto* indices = static_cast<const Index*>(buffers[1]);
  auto* sums = static_cast<Sum*>(buffers[std::is_same_v<T, Sum> ? 2 : 3]);
  const Range range = slice_of(p.rows, p.slices, slice);
  std::fill(sums + range.first * p.width, sums + range.last * p.width, Sum(0));
  for (int64_t i = 0; i < p.picks; ++i) {
    const auto row = static_cast<int64_t>(indices[i]);
    if (row < range.first || row >= range.last) continue;
    Sum* to = sums + row * p.width;
    const T* from = updates + i * p.width;
    for (int64_t k = 0; k < p.width; ++k) to[k] = added<Sum>(to[k], static_cast<Sum>(from[k]));
  }
  if constexpr (!std::is_same_v<T, Sum>)
    for (int64_t k = range.first * p.width; k < range.last * p.width; ++k) static_cast<T*>(buffers[2])[k] = T(sums[k]);
}

}  // namespace

Kernel gather_kernel(DType indices, int64_t rows, int64_t row_bytes, int64_t picks) {
  const int slices = slices_for(static_cast<double>(picks) * (static_cast<double>(row_bytes) / 4 + 8));
  return with_index_type(indices, [&]<class Index>(Index) { return make_kernel<Picks>("gather", {rows, row_bytes, picks, slices}, gather<Index>, slices); });
}

Kernel scatter_add_kernel(DType dtype, DType indices, int64_t rows, int64_t width, int64_t picks) {
  // Each slice reads all the indices, so that it must own enough additions to be worth that.
  const double work = static_cast<double>(rows + picks) * static_cast<double>(width);
  const int slices = static_cast<int>(std::clamp<int64_t>(rows, 1, slices_for(work, 60000 + static_cast<double>(picks))));
  return with_index_type(indices, [&]<class Index>(Index) {
    return with_type(dtype, [&]<class T>(T) {
      using Sum = std::conditional_t<std::is_same_v<T, bfloat16>, float, std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>>;
      Kernel kernel = make_kernel<Picks>("scatter_add", {rows, width, picks, slices}, scatter_add<T, Sum, Index>, slices);
      if (!std::is_same_v<T, Sum>) kernel.workspace_bytes = static_cast<size_t>(rows * width) * sizeof(Sum);
      return kernel;
    });
  });
}

}  // namespace cornu
