// How a reduction is cut: shape and axes become stages [outer, n, inner] -> [outer, blocks, inner], one after the other.
#include "cornu/kernels/reduce.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "cornu/base/error.h"

namespace cornu {
namespace {

template <class T> struct Rules {  // of folding in T
  static constexpr T lowest() { return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest(); }
  static constexpr T highest() { return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max(); }
  template <Fold fold> static constexpr T identity() {
    return fold == Fold::sum ? T(0) : fold == Fold::product ? T(1) : fold == Fold::max ? lowest() : highest();
  }
  template <Fold fold> static T join(T a, T b) {
    if constexpr (fold == Fold::max) return b > a || b != b ? b : a;
    else if constexpr (fold == Fold::min) return b < a || b != b ? b : a;
    else if constexpr (std::is_integral_v<T>) {
      const auto u = static_cast<uint64_t>(a), v = static_cast<uint64_t>(b);  // wraps without undefined behaviour
      return static_cast<T>(fold == Fold::sum ? u + v : u * v);
    } else if constexpr (fold == Fold::sum) return a + b;
    else return a * b;
  }
};

/// Pairwise above 128 elements: the error grows with the logarithm of n.
template <class In, class Sum, Fold fold> Sum fold_run(const In* x, int64_t n) {
  if (n > 128) {
    const int64_t half = n / 2 / 64 * 64;
    return Rules<Sum>::template join<fold>(fold_run<In, Sum, fold>(x, half), fold_run<In, Sum, fold>(x + half, n - half));
  }
  Sum total = Rules<Sum>::template identity<fold>();
  for (int64_t i = 0; i < n; ++i) total = Rules<Sum>::template join<fold>(total, static_cast<Sum>(x[i]));
  return total;
}

template <class In, class Sum, class Out, Fold fold> void fold_rows(const void* x, int64_t rows, int64_t n, int64_t stride, void* y) {
  for (int64_t r = 0; r < rows; ++r)
    static_cast<Out*>(y)[r] = static_cast<Out>(fold_run<In, Sum, fold>(static_cast<const In*>(x) + r * stride, n));
}

template <class In, class Sum, class Out, Fold fold> void fold_columns(const void* x, int64_t n, int64_t stride, int64_t columns, void* y) {
  constexpr int64_t width = 32;
  for (int64_t c0 = 0; c0 < columns; c0 += width) {
    const int64_t w = std::min(width, columns - c0);
    Sum total[width];
    std::fill_n(total, w, Rules<Sum>::template identity<fold>());
    for (int64_t i = 0; i < n; ++i) {
      const In* row = static_cast<const In*>(x) + i * stride + c0;
      for (int64_t c = 0; c < w; ++c) total[c] = Rules<Sum>::template join<fold>(total[c], static_cast<Sum>(row[c]));
    }
    for (int64_t c = 0; c < w; ++c) static_cast<Out*>(y)[c0 + c] = static_cast<Out>(total[c]);
  }
}

template <class In, class Sum, class Out> FoldFunctions plain_fold(Fold fold) {
  switch (fold) {
    case Fold::max: return {fold_rows<In, Sum, Out, Fold::max>, fold_columns<In, Sum, Out, Fold::max>};
    case Fold::min: return {fold_rows<In, Sum, Out, Fold::min>, fold_columns<In, Sum, Out, Fold::min>};
    case Fold::product: return {fold_rows<In, Sum, Out, Fold::product>, fold_columns<In, Sum, Out, Fold::product>};
    case Fold::sum: break;
  }
  return {fold_rows<In, Sum, Out, Fold::sum>, fold_columns<In, Sum, Out, Fold::sum>};
}

struct Stage {
  int64_t outer, n, inner;
  int64_t block, blocks;  // n is folded in blocks of `block`
  FoldFunctions fold{};
  size_t from = 0, to = 0;  // offsets into the workspace, unless first or last
  size_t from_bytes = 0, to_bytes = 0;
  bool first = false, last = false;
  int64_t tile = 1, tiles = 1, units = 0;
  int slices = 1;
};
constexpr int most_stages = 12;

struct Plan {
  std::vector<Stage> stages;
};

void run_stage(const Stage& s, void* const* buffers, int slice) {
  const char* x = s.first ? static_cast<const char*>(buffers[0]) : static_cast<const char*>(buffers[2]) + s.from;
  char* y = s.last ? static_cast<char*>(buffers[1]) : static_cast<char*>(buffers[2]) + s.to;
  const Range range = slice_of(s.units, s.slices, slice);
  if (s.inner == 1 && s.blocks == 1) {
    const auto in = static_cast<size_t>(range.first * s.n), out = static_cast<size_t>(range.first);
    return s.fold.rows(x + in * s.from_bytes, range.last - range.first, s.n, s.n, y + out * s.to_bytes);
  }
  for (int64_t unit = range.first; unit < range.last; ++unit) {
    const int64_t tile = unit % s.tiles, block = unit / s.tiles % s.blocks, o = unit / s.tiles / s.blocks;
    const int64_t n = std::min(s.block, s.n - block * s.block), column = tile * s.tile;
    const auto in = static_cast<size_t>((o * s.n + block * s.block) * s.inner + column);
    const auto out = static_cast<size_t>((o * s.blocks + block) * s.inner + column);
    if (s.inner == 1) s.fold.rows(x + in * s.from_bytes, 1, n, n, y + out * s.to_bytes);
    else s.fold.columns(x + in * s.from_bytes, n, s.inner, std::min(s.tile, s.inner - column), y + out * s.to_bytes);
  }
}

template <size_t... I> std::array<KernelFunction, sizeof...(I)> stage_functions(std::index_sequence<I...>) {
  return {[](const void* plan, void* const* buffers, int slice, void*) { run_stage(static_cast<const Plan*>(plan)->stages[I], buffers, slice); }...};
}

/// Blocks short enough for the order of additions to be accurate, and many enough to share among threads.
Stage stage(int64_t outer, int64_t n, int64_t inner) {
  Stage s{outer, n, inner, std::max<int64_t>(n, 1), 1};
  if (inner == 1 && n > 32768 && outer < 64) s.block = 16384;
  if (inner > 1 && n > 256) s.block = 256;
  s.blocks = std::max<int64_t>((n + s.block - 1) / s.block, 1);
  s.tile = std::min<int64_t>(inner, 512);
  s.tiles = inner == 0 ? 0 : (inner + s.tile - 1) / s.tile;
  s.units = outer * s.blocks * s.tiles;
  s.slices = static_cast<int>(std::clamp<int64_t>(s.units, 1, slices_for(static_cast<double>(outer) * static_cast<double>(n) * static_cast<double>(inner))));
  return s;
}

/// Folded axes from the last to the first; long ones in several stages.
std::vector<Stage> cut(const Shape& shape, const std::vector<int64_t>& axes) {
  struct Group {
    int64_t size;
    bool folded;
  };
  std::vector<Group> groups;
  for (int a = 0; a < shape.rank(); ++a) {
    const bool folded = std::find(axes.begin(), axes.end(), a) != axes.end();
    if (shape[a] == 1) continue;
    if (!groups.empty() && groups.back().folded == folded) groups.back().size *= shape[a];
    else groups.push_back({shape[a], folded});
  }
  std::vector<Stage> stages;
  for (size_t g = groups.size(); g-- > 0;) {
    if (!groups[g].folded) continue;
    int64_t outer = 1, inner = 1;
    for (size_t i = 0; i < groups.size(); ++i) (i < g ? outer : inner) *= i == g ? 1 : groups[i].size;
    for (int64_t n = groups[g].size;; n = stages.back().blocks) {
      stages.push_back(stage(outer, n, inner));
      if (stages.back().blocks == 1) break;
    }
    groups[g].size = 1;
  }
  if (stages.empty()) stages.push_back(stage(shape.elements(), 1, 1));  // a copy
  return stages;
}

enum class Place { only, first, middle, last };

Kernel assemble(std::string name, DType dtype, std::vector<Stage> stages, FoldFunctions (*functions)(Place)) {
  static const auto phases = stage_functions(std::make_index_sequence<most_stages>());
  ensure(stages.size() <= most_stages, "a reduction has at most ", most_stages, " stages");
  const size_t stored = bytes_of(dtype), sum = dtype == DType::bfloat16 ? 4 : stored;
  Kernel kernel;
  kernel.name = std::move(name);
  for (size_t i = 0; i < stages.size(); ++i) {
    Stage& s = stages[i];
    s.first = i == 0;
    s.last = i + 1 == stages.size();
    s.fold = functions(s.first && s.last ? Place::only : s.first ? Place::first : s.last ? Place::last : Place::middle);
    s.from_bytes = s.first ? stored : sum;
    s.to_bytes = s.last ? stored : sum;
    if (!s.first) s.from = stages[i - 1].to;
    if (!s.last) {
      s.to = kernel.workspace_bytes;
      kernel.workspace_bytes += (static_cast<size_t>(s.outer * s.blocks * s.inner) * sum + 63) / 64 * 64;
    }
    kernel.phases.push_back({phases[i], s.slices});
  }
  kernel.context = std::make_shared<const Plan>(Plan{std::move(stages)});
  return kernel;
}

template <class T, class Sum, Fold fold> FoldFunctions plain_at(Place place) {
  switch (place) {
    case Place::first: return plain_fold<T, Sum, Sum>(fold);
    case Place::middle: return plain_fold<Sum, Sum, Sum>(fold);
    case Place::last: return plain_fold<Sum, Sum, T>(fold);
    case Place::only: break;
  }
  return plain_fold<T, Sum, T>(fold);
}
template <Fold fold> FoldFunctions simd_at(Place) { return simd_fold(fold); }

template <Fold fold> std::vector<Kernel> candidates(DType dtype, const std::vector<Stage>& stages) {
  std::vector<Kernel> list;
  if (dtype == DType::float32) {
    list.push_back(assemble("reduce.simd", dtype, stages, simd_at<fold>));
    if (fold == Fold::sum || fold == Fold::product) list.back().numerics = Numerics::blocked;
  }
  with_type(dtype, [&]<class T>(T) {
    using Sum = std::conditional_t<std::is_same_v<T, bfloat16>, float, T>;
    list.push_back(assemble("reduce.plain", dtype, stages, plain_at<T, Sum, fold>));
  });
  return list;
}

struct Search {
  int64_t outer, n, inner;
  bool smallest;
  int slices;
};

template <class T> void argmax_plain(const Search& s, void* const* buffers, int slice, void*) {
  const auto* x = static_cast<const T*>(buffers[0]);
  auto* y = static_cast<int64_t*>(buffers[1]);
  using Number = std::conditional_t<std::is_same_v<T, bfloat16>, float, T>;
  const Range range = slice_of(s.outer * s.inner, s.slices, slice);
  for (int64_t out = range.first; out < range.last; ++out) {
    const T* from = x + out / s.inner * s.n * s.inner + out % s.inner;
    Number best = static_cast<Number>(from[0]);
    int64_t at = 0;
    for (int64_t i = 1; i < s.n; ++i) {
      const auto v = static_cast<Number>(from[i * s.inner]);
      if ((s.smallest ? v < best : v > best) || (v != v && best == best)) best = v, at = i;
    }
    y[out] = at;
  }
}

void argmax_simd(const Search& s, void* const* buffers, int slice, void*) {
  const Range range = slice_of(s.outer, s.slices, slice);
  simd_argmax_rows(static_cast<const float*>(buffers[0]) + range.first * s.n, range.last - range.first, s.n, s.smallest,
                   static_cast<int64_t*>(buffers[1]) + range.first);
}

}  // namespace

std::vector<Kernel> reduce_kernels(DType dtype, Fold fold, const Shape& shape, const std::vector<int64_t>& axes) {
  const std::vector<Stage> stages = cut(shape, axes);
  switch (fold) {
    case Fold::max: return candidates<Fold::max>(dtype, stages);
    case Fold::min: return candidates<Fold::min>(dtype, stages);
    case Fold::product: return candidates<Fold::product>(dtype, stages);
    case Fold::sum: break;
  }
  return candidates<Fold::sum>(dtype, stages);
}

std::vector<Kernel> argmax_kernels(DType dtype, bool smallest, int64_t outer, int64_t n, int64_t inner) {
  const double work = static_cast<double>(outer) * static_cast<double>(n) * static_cast<double>(inner);
  std::vector<Kernel> list;
  if (dtype == DType::float32 && inner == 1) {
    const int slices = static_cast<int>(std::clamp<int64_t>(outer, 1, slices_for(work)));
    list.push_back(make_kernel<Search>("argmax.simd", {outer, n, inner, smallest, slices}, argmax_simd, slices));
  }
  const int slices = static_cast<int>(std::clamp<int64_t>(outer * inner, 1, slices_for(work)));
  with_type(dtype, [&]<class T>(T) { list.push_back(make_kernel<Search>("argmax.plain", {outer, n, inner, smallest, slices}, argmax_plain<T>, slices)); });
  return list;
}

}  // namespace cornu
