// The loop of a scan. Rows of a batch that do not meet in the body are cut into slices, each of which walks all steps on its own.
#include "cornu/ops/scan_kernel.h"

#include <algorithm>
#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr long fewest_rows = 16;         // of a slice: fewer leave the loops of the matrix products half empty
constexpr double work_of_slice = 200000;  // multiply-adds, about 5 us

size_t line(size_t n) { return (n + 63) / 64 * 64; }

/// What a scan reads or writes: a value, or one for each step.
struct Operand {
  size_t step = 0;  // bytes from one step to the next
  size_t row = 0;   // bytes of a row; zero where a slice has all of it
  size_t whole = 0; // bytes of all rows of one step

  size_t first(long rows) const { return row * static_cast<size_t>(rows); }
  size_t bytes(long rows) const { return row ? row * static_cast<size_t>(rows) : whole; }
};

/// Rows [first, last) and the body for as many.
struct Part {
  long first, last;
  size_t body;
};

struct Loop {
  std::vector<std::shared_ptr<const Body>> bodies;
  std::vector<size_t> kept;  // of each body, in the workspace
  std::vector<Part> parts;
  int64_t steps, carried, sequences;
  bool reverse;
  std::vector<Operand> in, out;
  size_t carried_bytes = 0;  // of one set, for the largest part

  size_t pointers() const { return line((in.size() + out.size()) * sizeof(void*)); }

  void prepare(void* const* buffers, size_t b, void* scratch) const {
    auto* workspace = static_cast<std::byte*>(buffers[in.size() + out.size()]);
    bodies[b]->prepare(buffers, workspace + kept[b], scratch);
  }

  void run(void* const* buffers, int slice, void* scratch) const {
    const auto [first, last, b] = parts[static_cast<size_t>(slice)];
    const long rows = last - first;
    const Body& body = *bodies[b];
    const std::byte* own = body.kept_bytes() ? static_cast<const std::byte*>(buffers[in.size() + out.size()]) + kept[b] : nullptr;
    // Carried values live in two sets that change places after each step; the last step's are copied out.
    auto* sets = static_cast<std::byte*>(scratch);
    auto** from = reinterpret_cast<const void**>(sets + 2 * carried_bytes);
    auto** to = const_cast<void**>(from + in.size());
    auto* body_scratch = sets + 2 * carried_bytes + pointers();
    const auto at = [&](int64_t set, size_t i) {
      std::byte* p = sets + static_cast<size_t>(set) * carried_bytes;
      for (size_t k = 0; k < i; ++k) p += line(in[k].bytes(rows));
      return p;
    };
    const auto part = [&, first = first](void* buffer, const Operand& o, size_t t) { return static_cast<std::byte*>(buffer) + t * o.step + o.first(first); };
    const auto states = static_cast<size_t>(carried);
    for (size_t i = 0; i < states; ++i) std::memcpy(at(0, i), part(buffers[i], in[i], 0), in[i].bytes(rows));
    for (size_t i = states; i < in.size(); ++i) from[i] = part(buffers[i], in[i], 0);
    for (int64_t s = 0; s < steps; ++s) {
      const auto t = static_cast<size_t>(reverse ? steps - 1 - s : s);
      for (size_t i = 0; i < states; ++i) from[i] = at(s % 2, i), to[i] = at(1 - s % 2, i);
      for (size_t i = states; i < states + static_cast<size_t>(sequences); ++i) from[i] = part(buffers[i], in[i], t);
      for (size_t i = states; i < out.size(); ++i) to[i] = part(buffers[in.size() + i], out[i], t);
      body.run(from, to, own, body_scratch);
    }
    for (size_t i = 0; i < states; ++i) std::memcpy(part(buffers[in.size() + i], out[i], 0), at(steps % 2, i), in[i].bytes(rows));
  }
};

/// Multiply-adds, or elements written, of one step.
double work_of(const Graph& body) {
  double work = 0;
  for (const Node& n : body.nodes) {
    if (!n.op) continue;
    for (const TensorType& t : n.out) {
      const auto elements = static_cast<double>(t.shape.elements());
      const auto* m = n.op->as<MatMul>();
      work += elements * (m ? static_cast<double>(n.in[0].shape().dim(m->transpose_a ? -2 : -1)) : 1.0);
    }
  }
  return work;
}

}  // namespace

Kernel scan_kernel(const Scan& scan, const KernelRequest& r) {
  ensure(r.compile != nullptr, "a scan can only be prepared by the compiler");
  const auto carried = static_cast<size_t>(scan.carried), sequences = static_cast<size_t>(scan.sequences);
  Loop loop{.bodies = {}, .kept = {}, .parts = {}, .steps = scan.steps, .carried = scan.carried, .sequences = scan.sequences, .reverse = scan.reverse, .in = {}, .out = {}};
  const auto operand = [](const TensorType& t, bool by_step) {
    const size_t steps = by_step ? static_cast<size_t>(t.shape[0]) : 1;
    return Operand{.step = by_step && steps ? t.bytes() / steps : 0, .row = 0, .whole = steps ? t.bytes() / steps : 0};
  };
  for (size_t i = 0; i < r.in.size(); ++i) loop.in.push_back(operand(r.in[i], i >= carried && i < carried + sequences));
  for (size_t i = 0; i < r.out.size(); ++i) loop.out.push_back(operand(r.out[i], i >= carried));

  const int64_t rows = carried > 0 && r.in[0].shape.rank() > 0 ? r.in[0].shape[0] : 1;
  const auto most = static_cast<int>(std::min<int64_t>(rows / fewest_rows, slices_for(work_of(*scan.body) * static_cast<double>(scan.steps), work_of_slice)));
  std::vector<bool> captured_rows;
  std::vector<long> sizes;  // of which there is a body
  for (int i = 0; i < most; ++i) {
    const Range range = slice_of(rows, most, i, fewest_rows);
    const long size = range.last - range.first;
    const auto known = std::find(sizes.begin(), sizes.end(), size);
    loop.parts.push_back({range.first, range.last, static_cast<size_t>(known - sizes.begin())});
    if (known != sizes.end()) continue;
    const auto fewer = most > 1 ? body_for_rows(*scan.body, scan.carried, scan.sequences, rows, size) : std::nullopt;
    if (!fewer) {
      loop.parts.clear(), loop.bodies.clear();
      break;
    }
    captured_rows = fewer->captured_rows;
    sizes.push_back(size);
    loop.bodies.push_back(r.compile(*fewer->body, static_cast<int>(carried + sequences)));
  }
  if (loop.parts.empty()) {
    loop.parts = {{0, static_cast<long>(rows), 0}};
    loop.bodies = {r.compile(*scan.body, static_cast<int>(carried + sequences))};
  } else {
    const auto cut = [&](Operand& o) { o.row = o.whole / static_cast<size_t>(rows); };
    for (size_t i = 0; i < loop.in.size(); ++i) {
      const Shape& shape = r.in[i].shape;
      const bool by_step = i >= carried && i < carried + sequences;
      if (i < carried + sequences ? shape.rank() > by_step && shape[by_step] == rows : captured_rows[i - carried - sequences]) cut(loop.in[i]);
    }
    for (Operand& o : loop.out) cut(o);
  }

  size_t scratch = 0, kept = 0;
  for (const auto& body : loop.bodies) {
    scratch = std::max(scratch, body->scratch_bytes());
    loop.kept.push_back(kept);
    kept += line(body->kept_bytes());
  }
  for (size_t i = 0; i < carried; ++i) {
    size_t bytes = 0;
    for (const Part& p : loop.parts) bytes = std::max(bytes, loop.in[i].bytes(p.last - p.first));
    loop.carried_bytes += line(bytes);
  }
  Kernel k{.name = "scan"};
  k.workspace_bytes = kept;
  k.scratch_bytes = 2 * loop.carried_bytes + loop.pointers() + scratch;
  const int parts = static_cast<int>(loop.parts.size()), bodies = static_cast<int>(loop.bodies.size());
  k.context = std::make_shared<const Loop>(std::move(loop));
  if (kept)
    k.phases.push_back({[](const void* context, void* const* buffers, int slice, void* s) { static_cast<const Loop*>(context)->prepare(buffers, static_cast<size_t>(slice), s); }, bodies});
  k.phases.push_back({[](const void* context, void* const* buffers, int slice, void* s) { static_cast<const Loop*>(context)->run(buffers, slice, s); }, parts});
  return k;
}

}  // namespace cornu
