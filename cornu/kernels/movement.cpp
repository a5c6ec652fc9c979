// Strided copies. A copy is first brought to few axes, then cut into units: runs along the last axis, or, when reading
// and writing are contiguous along different axes, bands of a transposition.
#include "cornu/kernels/movement.h"

#include <algorithm>
#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

struct Axis {
  int64_t size, from, to;  // strides
};

/// Without axes of size one; neighbours that are one run in both layouts become one axis. At least one axis.
std::vector<Axis> merged(const StridedCopy& copy) {
  std::vector<Axis> axes;
  for (size_t i = 0; i < copy.sizes.size(); ++i) {
    const Axis a{copy.sizes[i], copy.from_strides[i], copy.to_strides[i]};
    if (a.size == 1) continue;
    if (!axes.empty() && axes.back().from == a.from * a.size && axes.back().to == a.to * a.size)
      axes.back() = {axes.back().size * a.size, a.from, a.to};
    else
      axes.push_back(a);
  }
  if (axes.empty()) axes.push_back({1, 1, 1});
  return axes;
}

using Inner = void (*)(const char* from, char* to, const Axis& cut, int64_t cut_size, const Axis& other);

struct Plan {
  std::vector<Axis> outer;
  Axis cut{}, other{1, 0, 0};  // a unit is `chunk` of the cut axis times all of the other
  int64_t chunk = 1, chunks = 1, units = 0;
  int64_t from_offset = 0, to_offset = 0;  // bytes
  int64_t bytes = 0;                       // of an element
  int slices = 1;
  Inner inner = nullptr;
};

template <class T> void copy_run(const char* from, char* to, const Axis& cut, int64_t n, const Axis&) {
  const auto* x = reinterpret_cast<const T*>(from);
  auto* y = reinterpret_cast<T*>(to);
  if (cut.to == 1 && cut.from == 1) {
    std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
  } else if (cut.to == 1 && cut.from == 0) {
    std::fill_n(y, n, *x);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * cut.to] = x[i * cut.from];
  }
}

/// Contiguous reads along `cut`, contiguous writes along `other`.
template <class T> void copy_transposed(const char* from, char* to, const Axis& cut, int64_t n, const Axis& other) {
  const auto* x = reinterpret_cast<const T*>(from);
  auto* y = reinterpret_cast<T*>(to);
  constexpr int64_t block = 16;
  for (int64_t j0 = 0; j0 < other.size; j0 += block) {
    const int64_t j1 = std::min(j0 + block, other.size);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = j0; j < j1; ++j) y[i * cut.to + j] = x[i + j * other.from];
  }
}

template <template <class> class F> Inner for_bytes(int64_t bytes) {
  return bytes == 1 ? F<uint8_t>::run : bytes == 2 ? F<uint16_t>::run : bytes == 4 ? F<uint32_t>::run : F<uint64_t>::run;
}
template <class T> struct Run { static constexpr Inner run = copy_run<T>; };
template <class T> struct Transposed { static constexpr Inner run = copy_transposed<T>; };

Plan plan_copy(DType dtype, const StridedCopy& copy) {
  std::vector<Axis> axes = merged(copy);
  Plan plan;
  plan.bytes = static_cast<int64_t>(bytes_of(dtype));
  plan.from_offset = copy.from_offset * plan.bytes;
  plan.to_offset = copy.to_offset * plan.bytes;
  int64_t elements = 1;
  for (const Axis& a : axes) elements *= a.size;

  const Axis last = axes.back();
  axes.pop_back();
  const auto read_run = std::find_if(axes.begin(), axes.end(), [](const Axis& a) { return a.from == 1; });
  if (last.to == 1 && last.from > 1 && read_run != axes.end()) {
    plan.cut = *read_run;
    plan.other = last;
    plan.chunk = 64;
    plan.inner = for_bytes<Transposed>(plan.bytes);
    axes.erase(read_run);
  } else {
    plan.cut = last;
    plan.chunk = 16384;
    plan.inner = for_bytes<Run>(plan.bytes);
  }
  plan.outer = std::move(axes);
  plan.chunks = (plan.cut.size + plan.chunk - 1) / plan.chunk;
  plan.units = elements == 0 ? 0 : plan.chunks;
  for (const Axis& a : plan.outer) plan.units *= a.size;
  plan.slices = static_cast<int>(std::clamp<int64_t>(plan.units, 1, slices_for(static_cast<double>(elements))));
  return plan;
}

void run_copy(const Plan& plan, const void* from, void* to, int slice) {
  const Range range = slice_of(plan.units, plan.slices, slice);
  if (range.first >= range.last) return;
  std::vector<int64_t>::size_type rank = plan.outer.size();
  constexpr size_t most = 16;
  int64_t index[most];
  const char* x = static_cast<const char*>(from) + plan.from_offset;
  char* y = static_cast<char*>(to) + plan.to_offset;
  int64_t rest = range.first / plan.chunks, chunk = range.first % plan.chunks;
  for (size_t a = rank; a-- > 0;) {
    index[a] = rest % plan.outer[a].size;
    rest /= plan.outer[a].size;
    x += index[a] * plan.outer[a].from * plan.bytes;
    y += index[a] * plan.outer[a].to * plan.bytes;
  }
  for (int64_t unit = range.first; unit < range.last; ++unit) {
    const int64_t at = chunk * plan.chunk, n = std::min(plan.chunk, plan.cut.size - at);
    plan.inner(x + at * plan.cut.from * plan.bytes, y + at * plan.cut.to * plan.bytes, plan.cut, n, plan.other);
    if (++chunk < plan.chunks) continue;
    chunk = 0;
    for (size_t a = rank; a-- > 0;) {
      const Axis& axis = plan.outer[a];
      x += axis.from * plan.bytes;
      y += axis.to * plan.bytes;
      if (++index[a] < axis.size) break;
      index[a] = 0;
      x -= axis.size * axis.from * plan.bytes;
      y -= axis.size * axis.to * plan.bytes;
    }
  }
}

struct Padding {
  Plan copy;
  int64_t elements = 0;
  int fill_slices = 1;
  uint64_t pattern = 0;  // the value's bytes
};

template <class T> void fill(const Padding& p, void* to, int slice) {
  const Range range = slice_of(p.elements, p.fill_slices, slice);
  T value;
  std::memcpy(&value, &p.pattern, sizeof value);
  std::fill(static_cast<T*>(to) + range.first, static_cast<T*>(to) + range.last, value);
}

void run_fill(const void* context, void* const* buffers, int slice, void*) {
  const auto& p = *static_cast<const Padding*>(context);
  switch (p.copy.bytes) {
    case 1: return fill<uint8_t>(p, buffers[1], slice);
    case 2: return fill<uint16_t>(p, buffers[1], slice);
    case 4: return fill<uint32_t>(p, buffers[1], slice);
    default: return fill<uint64_t>(p, buffers[1], slice);
  }
}

}  // namespace

Kernel strided_copy_kernel(std::string name, DType dtype, const StridedCopy& copy) {
  ensure(copy.sizes.size() <= 16, "a strided copy has at most 16 axes");
  Plan plan = plan_copy(dtype, copy);
  const int slices = plan.slices;
  return make_kernel<Plan>(
      std::move(name), std::move(plan), [](const Plan& p, void* const* buffers, int slice, void*) { run_copy(p, buffers[0], buffers[1], slice); }, slices);
}

Kernel pad_kernel(DType dtype, const StridedCopy& copy, int64_t to_elements, double value) {
  ensure(copy.sizes.size() <= 16, "a strided copy has at most 16 axes");
  auto padding = std::make_shared<Padding>();
  padding->copy = plan_copy(dtype, copy);
  padding->elements = to_elements;
  padding->fill_slices = slices_for(static_cast<double>(to_elements));
  const Tensor one = Tensor::scalar(value).cast(dtype);
  std::memcpy(&padding->pattern, one.data(), one.bytes());
  Kernel kernel;
  kernel.name = "pad";
  kernel.phases.push_back({run_fill, padding->fill_slices});
  kernel.phases.push_back({[](const void* context, void* const* buffers, int slice, void*) {
                             run_copy(static_cast<const Padding*>(context)->copy, buffers[0], buffers[1], slice);
                           },
                           padding->copy.slices});
  kernel.context = std::move(padding);
  return kernel;
}

Kernel concat_kernel(int64_t outer, std::vector<int64_t> part_bytes) {
  struct Context {
    int64_t outer, row_bytes;
    std::vector<int64_t> part_bytes;
    int slices;
  };
  int64_t row_bytes = 0;
  for (const int64_t b : part_bytes) row_bytes += b;
  const int slices = slices_for(static_cast<double>(outer) * static_cast<double>(row_bytes) / 4);
  // A slice is a range of the result's bytes, so that a concatenation of few long rows is cut as well as one of many.
  const auto run = [](const Context& c, void* const* buffers, int slice, void*) {
    const Range range = slice_of(c.outer * c.row_bytes, c.slices, slice, 64);
    char* to = static_cast<char*>(buffers[c.part_bytes.size()]);
    for (int64_t at = range.first; at < range.last;) {
      const int64_t row = at / c.row_bytes;
      int64_t start = row * c.row_bytes;
      for (size_t k = 0; k < c.part_bytes.size() && at < range.last; ++k) {
        const int64_t end = start + c.part_bytes[k];
        if (at < end) {
          const int64_t n = std::min<int64_t>(end, range.last) - at;
          std::memcpy(to + at, static_cast<const char*>(buffers[k]) + row * c.part_bytes[k] + (at - start), static_cast<size_t>(n));
          at += n;
        }
        start = end;
      }
    }
  };
  return make_kernel<Context>("concat", {outer, row_bytes, std::move(part_bytes), slices}, run, slices);
}

namespace {
struct Count {
  int64_t outer, n, inner;
  int slices;
};
template <class T> void count(const Count& c, void* const* buffers, int slice, void*) {
  auto* y = static_cast<T*>(buffers[0]);
  const Range range = slice_of(c.outer * c.n, c.slices, slice);
  for (int64_t row = range.first; row < range.last; ++row) {
    T value;
    if constexpr (std::is_same_v<T, bfloat16>) value = bfloat16(static_cast<float>(row % c.n));
    else value = static_cast<T>(row % c.n);
    std::fill_n(y + row * c.inner, c.inner, value);
  }
}
}  // namespace

Kernel iota_kernel(DType dtype, int64_t outer, int64_t n, int64_t inner) {
  const int slices = slices_for(static_cast<double>(outer) * static_cast<double>(n) * static_cast<double>(inner));
  return with_type(dtype, [&]<class T>(T) { return make_kernel<Count>("iota", {outer, n, inner, slices}, count<T>, slices); });
}

}  // namespace cornu
