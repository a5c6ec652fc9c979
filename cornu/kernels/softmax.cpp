// Softmax and cross entropy: the plain twins in double, and the float32 ones around the vector loops of softmax_simd.cpp.
#include "cornu/kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using ReadLabel = int64_t (*)(const void* labels, int64_t i);
template <class T> int64_t read(const void* labels, int64_t i) { return static_cast<int64_t>(static_cast<const T*>(labels)[i]); }
ReadLabel label_reader(DType dtype) {
  switch (dtype) {
    case DType::int32: return read<int32_t>;
    case DType::int64: return read<int64_t>;
    case DType::uint8: return read<uint8_t>;
    default: throw UnsupportedError(text("labels are integers, but were given as ", dtype));
  }
}

/// Short rows are cut among slices by the block, so that their exponentials still run as one array.
int64_t rows_together(Rows size) { return size.classes < 64 ? softmax_rows_at_once : 1; }

struct Context {
  Rows size;
  ReadLabel label = nullptr;
  int slices = 1;
  Range rows_of(int slice) const { return slice_of(size.rows, slices, slice, rows_together(size)); }
};

template <class T> double number(T x) {
  if constexpr (std::is_same_v<T, bfloat16>) return static_cast<double>(static_cast<float>(x));
  else return static_cast<double>(x);
}
template <class T> T stored(double x) {
  if constexpr (std::is_same_v<T, bfloat16>) return bfloat16(static_cast<float>(x));
  else return static_cast<T>(x);
}

// ---- plain

struct Normal {
  double max, sum;
};
template <class T> Normal normal(const T* x, int64_t n) {
  double max = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int64_t k = 0; k < n; ++k) max = number(x[k]) > max || std::isnan(number(x[k])) ? number(x[k]) : max;
  for (int64_t k = 0; k < n; ++k) sum += std::exp(number(x[k]) - max);
  return {max, sum};
}

template <class T> struct Plain {
  static const T* in(void* const* buffers, int i, int64_t at = 0) { return static_cast<const T*>(buffers[i]) + at; }
  static T* out(void* const* buffers, int i, int64_t at = 0) { return static_cast<T*>(buffers[i]) + at; }

  /// f(row, first element of the row)
  template <class F> static void each_row(const Context& c, int slice, F f) {
    const Range range = c.rows_of(slice);
    for (int64_t r = range.first; r < range.last; ++r) f(r, r * c.size.classes);
  }
  static void write_softmax(const T* x, Normal s, int64_t n, T* y) {
    for (int64_t k = 0; k < n; ++k) y[k] = stored<T>(std::exp(number(x[k]) - s.max) / s.sum);
  }

  static void softmax(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t, int64_t at) { write_softmax(in(b, 0, at), normal(in(b, 0, at), c.size.classes), c.size.classes, out(b, 1, at)); });
  }
  static void log_softmax(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t, int64_t at) {
      const T* x = in(b, 0, at);
      const Normal s = normal(x, c.size.classes);
      for (int64_t k = 0; k < c.size.classes; ++k) out(b, 1, at)[k] = stored<T>(number(x[k]) - s.max - std::log(s.sum));
    });
  }
  static void sparse(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t r, int64_t at) {
      const T* x = in(b, 0, at);
      const Normal s = normal(x, c.size.classes);
      const int64_t label = c.label(b[1], r);
      const bool known = label >= 0 && label < c.size.classes;
      *out(b, 2, r) = stored<T>(known ? std::log(s.sum) - (number(x[label]) - s.max) : nan);
      write_softmax(x, s, c.size.classes, out(b, 3, at));
    });
  }
  static void dense(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t r, int64_t at) {
      const T* x = in(b, 0, at);
      const Normal s = normal(x, c.size.classes);
      double loss = 0;
      for (int64_t k = 0; k < c.size.classes; ++k)
        if (const double t = number(in(b, 1, at)[k]); t != 0) loss += t * (std::log(s.sum) - (number(x[k]) - s.max));
      *out(b, 2, r) = stored<T>(loss);
      write_softmax(x, s, c.size.classes, out(b, 3, at));
    });
  }
  static void sparse_gradient(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t r, int64_t at) {
      const int64_t label = c.label(b[1], r);
      const double dloss = label >= 0 && label < c.size.classes ? number(*in(b, 2, r)) : nan;
      for (int64_t k = 0; k < c.size.classes; ++k) out(b, 3, at)[k] = stored<T>(dloss * (number(in(b, 0, at)[k]) - (k == label ? 1 : 0)));
    });
  }
  static void dense_gradient(const Context& c, void* const* b, int slice, void*) {
    each_row(c, slice, [&](int64_t r, int64_t at) {
      double total = 0;
      for (int64_t k = 0; k < c.size.classes; ++k) total += number(in(b, 1, at)[k]);
      for (int64_t k = 0; k < c.size.classes; ++k)
        out(b, 3, at)[k] = stored<T>(number(*in(b, 2, r)) * (number(in(b, 0, at)[k]) * total - number(in(b, 1, at)[k])));
    });
  }
};

// ---- float32 on vectors

/// f(first row, rows, offset of the first element) for blocks of rows.
template <class F> void each_block(const Context& c, int slice, F f) {
  const Range range = c.rows_of(slice);
  for (int64_t r = range.first; r < range.last; r += softmax_rows_at_once)
    f(r, Rows{std::min(softmax_rows_at_once, range.last - r), c.size.classes}, r * c.size.classes);
}
const float* floats(void* const* b, int i) { return static_cast<const float*>(b[i]); }
float* out_floats(void* const* b, int i) { return static_cast<float*>(b[i]); }

struct Sums {
  float max[softmax_rows_at_once], log_sum[softmax_rows_at_once];
};

void softmax(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t, Rows block, int64_t at) {
    Sums s;
    simd_softmax(floats(b, 0) + at, block, out_floats(b, 1) + at, s.max, s.log_sum);
  });
}

void log_softmax(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t, Rows block, int64_t at) {
    Sums s;
    simd_softmax(floats(b, 0) + at, block, out_floats(b, 1) + at, s.max, s.log_sum);
    simd_subtract_rows(floats(b, 0) + at, block, s.max, s.log_sum, out_floats(b, 1) + at);
  });
}

template <class Label> void sparse(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t first, Rows block, int64_t at) {
    Sums s;
    const float* x = floats(b, 0) + at;
    simd_softmax(x, block, out_floats(b, 3) + at, s.max, s.log_sum);
    for (int64_t r = 0; r < block.rows; ++r) {
      const int64_t label = read<Label>(b[1], first + r);
      const bool known = label >= 0 && label < block.classes;
      out_floats(b, 2)[first + r] = known ? s.log_sum[r] - (x[r * block.classes + label] - s.max[r]) : static_cast<float>(nan);
    }
  });
}

void dense(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t first, Rows block, int64_t at) {
    Sums s;
    const float *x = floats(b, 0) + at, *t = floats(b, 1) + at;
    simd_softmax(x, block, out_floats(b, 3) + at, s.max, s.log_sum);
    simd_cross_entropy(x, t, block, s.max, s.log_sum, out_floats(b, 2) + first);
  });
}

template <class Label> void sparse_gradient(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t first, Rows block, int64_t at) {
    const float* dloss = floats(b, 2) + first;
    float* d = out_floats(b, 3) + at;
    simd_scale_rows(floats(b, 0) + at, block, dloss, d);
    for (int64_t r = 0; r < block.rows; ++r, d += block.classes) {
      const int64_t label = read<Label>(b[1], first + r);
      if (label >= 0 && label < block.classes) d[label] -= dloss[r];
      else std::fill_n(d, block.classes, static_cast<float>(nan));
    }
  });
}

void dense_gradient(const Context& c, void* const* b, int slice, void*) {
  each_block(c, slice, [&](int64_t first, Rows block, int64_t at) {
    simd_cross_entropy_gradient(floats(b, 0) + at, floats(b, 1) + at, block, floats(b, 2) + first, out_floats(b, 3) + at);
  });
}

// ---- candidates

using Function = void (*)(const Context&, void* const*, int, void*);
struct Functions {
  Function f32, f64, bf16;
};
Function for_labels(DType dtype, Function i32, Function i64, Function u8) { return dtype == DType::int32 ? i32 : dtype == DType::int64 ? i64 : u8; }

/// `cost`: of an element, in elements moved.
std::vector<Kernel> candidates(const std::string& name, DType dtype, Rows size, double cost, Function simd, Functions plain, ReadLabel label = nullptr) {
  const double work = static_cast<double>(size.rows) * static_cast<double>(size.classes) * cost;
  const int slices = static_cast<int>(std::clamp<int64_t>((size.rows + rows_together(size) - 1) / rows_together(size), 1, slices_for(work)));
  require<UnsupportedError>(is_float(dtype), name, " computes in floats, but was given ", dtype);
  std::vector<Kernel> list;
  if (dtype == DType::float32 && size.classes > 0) {
    list.push_back(make_kernel<Context>(name + ".simd", {size, label, slices}, simd, slices));
    list.back().numerics = Numerics::blocked;
  }
  const Function f = dtype == DType::float32 ? plain.f32 : dtype == DType::float64 ? plain.f64 : plain.bf16;
  list.push_back(make_kernel<Context>(name + ".plain", {size, label, slices}, f, slices));
  return list;
}

#define PLAIN(f) {Plain<float>::f, Plain<double>::f, Plain<bfloat16>::f}

}  // namespace

std::vector<Kernel> softmax_kernels(DType dtype, Rows size) { return candidates("softmax", dtype, size, 12, softmax, PLAIN(softmax)); }
std::vector<Kernel> log_softmax_kernels(DType dtype, Rows size) { return candidates("log_softmax", dtype, size, 12, log_softmax, PLAIN(log_softmax)); }
std::vector<Kernel> sparse_cross_entropy_kernels(DType dtype, DType labels, Rows size) {
  return candidates("sparse_cross_entropy", dtype, size, 12, for_labels(labels, sparse<int32_t>, sparse<int64_t>, sparse<uint8_t>), PLAIN(sparse), label_reader(labels));
}
std::vector<Kernel> cross_entropy_kernels(DType dtype, Rows size) { return candidates("cross_entropy", dtype, size, 14, dense, PLAIN(dense)); }
std::vector<Kernel> sparse_cross_entropy_gradient_kernels(DType dtype, DType labels, Rows size) {
  const Function simd = for_labels(labels, sparse_gradient<int32_t>, sparse_gradient<int64_t>, sparse_gradient<uint8_t>);
  return candidates("sparse_cross_entropy_gradient", dtype, size, 2, simd, PLAIN(sparse_gradient), label_reader(labels));
}
std::vector<Kernel> cross_entropy_gradient_kernels(DType dtype, Rows size) {
  return candidates("cross_entropy_gradient", dtype, size, 3, dense_gradient, PLAIN(dense_gradient));
}

}  // namespace cornu
