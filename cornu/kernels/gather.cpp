// Gather and scatter-add of rows.
#include "cornu/kernels/gather.h"

#include <algorithm>
#include <cstring>
#include <limits>
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

// Scatter-add: a list of its updates is made for each row, in ascending order; then each row is written once, whoever does it.
// The workspace holds the first update of each row and the next of each update, or -1.

template <class Index> void list_updates(const void* context, void* const* buffers, int, void*) {
  const auto& p = *static_cast<const Picks*>(context);
  const auto* indices = static_cast<const Index*>(buffers[1]);
  auto* first = static_cast<int32_t*>(buffers[3]);
  int32_t* next = first + p.rows;
  std::fill_n(first, p.rows, -1);
  for (int64_t i = p.picks - 1; i >= 0; --i) {
    const auto row = static_cast<int64_t>(indices[i]);
    if (row < 0 || row >= p.rows) continue;
    next[i] = first[row];
    first[row] = static_cast<int32_t>(i);
  }
}

/// Sums in Sum, in the scratch where that is not T.
template <class T, class Sum> void add_updates(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& p = *static_cast<const Picks*>(context);
  const auto* updates = static_cast<const T*>(buffers[0]);
  const auto* first = static_cast<const int32_t*>(buffers[3]);
  const int32_t* next = first + p.rows;
  const Range range = slice_of(p.rows, p.slices, slice);
  for (int64_t row = range.first; row < range.last; ++row) {
    T* y = static_cast<T*>(buffers[2]) + row * p.width;
    Sum* sums = nullptr;
    if constexpr (std::is_same_v<T, Sum>) sums = y;
    else sums = static_cast<Sum*>(scratch);
    int32_t i = first[row];
    if (i < 0) {
      std::fill_n(y, p.width, T(0));
      continue;
    }
    const T* from = updates + i * p.width;
    for (int64_t k = 0; k < p.width; ++k) sums[k] = static_cast<Sum>(from[k]);
    for (i = next[i]; i >= 0; i = next[i]) {
      from = updates + i * p.width;
      for (int64_t k = 0; k < p.width; ++k) sums[k] = added<Sum>(sums[k], static_cast<Sum>(from[k]));
    }
    if constexpr (!std::is_same_v<T, Sum>)
      for (int64_t k = 0; k < p.width; ++k) y[k] = T(sums[k]);
  }
}

}  // namespace

Kernel gather_kernel(DType indices, int64_t rows, int64_t row_bytes, int64_t picks) {
  const int slices = slices_for(static_cast<double>(picks) * (static_cast<double>(row_bytes) / 4 + 8));
  return with_index_type(indices, [&]<class Index>(Index) { return make_kernel<Picks>("gather", {rows, row_bytes, picks, slices}, gather<Index>, slices); });
}

Kernel scatter_add_kernel(DType dtype, DType indices, int64_t rows, int64_t width, int64_t picks) {
  require<UnsupportedError>(picks <= std::numeric_limits<int32_t>::max(), "scatter_add takes at most 2^31 - 1 updates, and was given ", picks);
  const int slices = static_cast<int>(std::clamp<int64_t>(rows, 1, slices_for(static_cast<double>(rows + picks) * static_cast<double>(width))));
  Kernel kernel{.name = "scatter_add"};
  kernel.context = std::make_shared<const Picks>(Picks{rows, width, picks, slices});
  kernel.workspace_bytes = static_cast<size_t>(std::max<int64_t>(rows + picks, 1)) * sizeof(int32_t);
  with_index_type(indices, [&]<class Index>(Index) {
    kernel.phases.push_back({list_updates<Index>, 1});
    return Kernel{};
  });
  with_type(dtype, [&]<class T>(T) {
    using Sum = std::conditional_t<std::is_same_v<T, bfloat16>, float, std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>>;
    kernel.phases.push_back({add_updates<T, Sum>, slices});
    if (!std::is_same_v<T, Sum>) kernel.scratch_bytes = static_cast<size_t>(width) * sizeof(Sum);
  });
  return kernel;
}

}  // namespace cornu
