#include "cornu/kernels/tile_plan.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr size_t vector_bytes = 64;  // as wide as any target's
constexpr int64_t prefetch_distance = 2 * tile_size;
constexpr size_t most_alike = 16;  // instructions of a chain whose pointers are kept on the stack
constexpr int64_t cached_bytes = 512 << 10;  // what a second-level cache is sure to hold

/// The axes of `space` as this operand meets them: those of size one dropped, neighbours that step alike merged.
template <class Axis> std::vector<Axis> collapse(const Shape& space, const std::vector<int64_t>& strides) {
  std::vector<Axis> axes;  // innermost first
  for (int i = space.rank() - 1; i >= 0; --i) {
    const Axis axis{space[i], strides[static_cast<size_t>(i)]};
    if (axis.size == 1) continue;
    if (!axes.empty() && axis.stride == axes.back().stride * axes.back().size) axes.back().size *= axis.size;
    else axes.push_back(axis);
  }
  return axes;
}

size_t aligned(size_t bytes) { return (bytes + vector_bytes - 1) / vector_bytes * vector_bytes; }

/// Where in a buffer of slots a register lives from its first to its last use.
struct Slots {
  size_t bytes;
  std::vector<size_t> free = {};
  size_t take(size_t& end) {
    if (free.empty()) return end += bytes, end - bytes;
    const size_t slot = free.back();
    free.pop_back();
    return slot;
  }
};

}  // namespace

TilePlan::TilePlan(const TileProgram& program) : elements_(program.space.elements()), code_(program.code), groups_(program.groups) {
  for (const TileInstruction& i : code_)
    operand_counts_.push_back(static_cast<int>(std::find(i.operands.begin(), i.operands.end(), -1) - i.operands.begin()));
  plan_inputs(program);
  plan_outputs(program);
  plan_registers(program);
  // An instruction reads a few streams and then others: the processor's own prefetching falls behind (measured: 2 times).
  int64_t streamed = 0;
  for (const Load& l : loads_)
    if (l.how == How::in_place) streamed += elements_ * l.element;
  prefetch_ = streamed > cached_bytes;
}

void TilePlan::plan_inputs(const TileProgram& program) {
  for (const TileOperand& operand : program.inputs) {
    ensure(static_cast<int>(operand.strides.size()) == program.space.rank(), "a tile operand has one stride for each axis of ", program.space);
    Load l;
    l.copy = tile_load(operand.dtype, operand.lane);
    l.element = static_cast<int64_t>(bytes_of(operand.dtype));
    l.lane = static_cast<int64_t>(bytes_of(operand.lane));
    l.native = is_native(operand.dtype, operand.lane);
    l.axes = collapse<Axis>(program.space, operand.strides);
    const size_t rank = l.axes.size();
    l.is_row = rank == 2 && l.axes[0].stride == 1 && l.axes[1].stride == 0 && l.native;
    if (rank == 0 || (rank == 1 && l.axes[0].stride == 0)) {
      l.how = How::scalar;
    } else if (rank == 1 && l.axes[0].stride == 1) {
      l.how = l.native ? How::in_place : How::strided;
    } else if (rank == 2 && l.axes[0].stride == 1 && l.axes[1].stride == 0 && l.axes[0].size < tile_size) {
      l.how = How::pattern;
      l.period = l.axes[0].size;
    } else {
      l.how = How::strided;
    }
    loads_.push_back(std::move(l));
  }
}

void TilePlan::plan_outputs(const TileProgram& program) {
  std::vector<Lane> lanes;
  for (const TileOperand& operand : program.inputs) lanes.push_back(operand.lane);
  for (const TileInstruction& i : code_) lanes.push_back(i.lane);
  for (size_t k = 0; k < program.outputs.size(); ++k) {
    const int reg = program.outputs[k];
    const DType dtype = program.output_types[k];
    const Lane lane = lanes[static_cast<size_t>(reg)];
    Store s;
    s.reg = reg;
    s.element = static_cast<int64_t>(bytes_of(dtype));
    s.copy = tile_store(lane, dtype);
    ensure(s.copy != nullptr, "a tile register cannot be stored as ", dtype);
    const bool repeated = std::count(program.outputs.begin(), program.outputs.begin() + static_cast<long>(k), reg) > 0;
    ensure(reg >= inputs(), "a tile program stores the results of instructions");
    s.direct = is_native(dtype, lane) && !repeated;
    if (s.direct) {
      const size_t made_by = static_cast<size_t>(reg - inputs());
      for (int i = 0; i < inputs(); ++i) {
        bool late = false;
        for (size_t j = made_by + 1; j < code_.size(); ++j)
          late = late || std::find(code_[j].operands.begin(), code_[j].operands.end(), i) != code_[j].operands.end();
        if (late && loads_[static_cast<size_t>(i)].how == How::in_place) s.late.push_back(i);
      }
    }
    stores_.push_back(std::move(s));
  }
}

void TilePlan::plan_registers(const TileProgram& program) {
  const size_t registers = loads_.size() + code_.size();
  std::vector<size_t> last(registers, 0);
  for (size_t j = 0; j < code_.size(); ++j) {
    ensure(static_cast<size_t>(code_[j].y) == loads_.size() + j, "tile instructions write registers in order");
    for (int k = 0; k < operand_counts_[j]; ++k) last[static_cast<size_t>(code_[j].operands[static_cast<size_t>(k)])] = j;
  }
  for (const int reg : program.outputs) last[static_cast<size_t>(reg)] = code_.size();

  size_t end = aligned(registers * sizeof(TileSource));
  for (Load& l : loads_) {
    if (l.how == How::scalar) l.offset = end, end += vector_bytes;
    if (l.how == How::pattern) l.offset = end, end += aligned(static_cast<size_t>((l.period + tile_size) * l.lane));
  }
  Slots narrow{tile_size * 4}, wide{tile_size * 8};
  const auto slots_of = [&](Lane lane) -> Slots& { return lane == Lane::f32 ? narrow : wide; };
  register_offset_.assign(registers, 0);
  for (size_t i = 0; i < loads_.size(); ++i)
    if (loads_[i].how == How::strided) register_offset_[i] = loads_[i].offset = slots_of(program.inputs[i].lane).take(end);
  for (size_t j = 0; j < code_.size(); ++j) {
    // An operand that dies here may give its place to the result: instructions may write over what they read.
    for (int k = 0; k < operand_counts_[j]; ++k) {
      const auto r = static_cast<size_t>(code_[j].operands[static_cast<size_t>(k)]);
      const bool again = std::find(code_[j].operands.begin(), code_[j].operands.begin() + k, static_cast<int>(r)) != code_[j].operands.begin() + k;
      // One number for a whole tile (stride 0) is read again for every element: nothing may be written over it.
      const bool keeps = r < loads_.size() && (loads_[r].how != How::strided || loads_[r].axes[0].stride == 0);
      if (last[r] != j || again || keeps) continue;
      slots_of(r < loads_.size() ? program.inputs[r].lane : code_[r - loads_.size()].lane).free.push_back(register_offset_[r]);
    }
    register_offset_[loads_.size() + j] = slots_of(code_[j].lane).take(end);
  }
  scratch_bytes_ = end;
}

void TilePlan::begin(const Run& run) const {
  auto* registers = reinterpret_cast<TileSource*>(run.scratch);
  for (size_t i = 0; i < loads_.size(); ++i) {
    const Load& l = loads_[i];
    std::byte* to = run.scratch + l.offset;
    if (l.how == How::scalar) {
      l.copy(base_of(run, i), 0, to, static_cast<int64_t>(vector_bytes) / l.lane);
      registers[i] = {to, 0};
    } else if (l.how == How::pattern) {
      const int64_t wanted = l.period + tile_size;
      l.copy(base_of(run, i), 1, to, l.period);
      for (int64_t have = l.period; have < wanted; have *= 2)  // doubles what is there, which starts with whole periods
        std::copy_n(to, std::min(have, wanted - have) * l.lane, to + have * l.lane);
    }
  }
  for (size_t j = 0; j < code_.size(); ++j) registers[loads_.size() + j] = {run.scratch + register_offset_[loads_.size() + j], -1};
}

void TilePlan::gather(const Load& l, const std::byte* base, std::byte* to, int64_t start, int64_t n) const {
  while (n > 0) {
    int64_t rest = start, at = 0, run = n;
    for (size_t a = 0; a < l.axes.size(); ++a) {
      const int64_t index = a + 1 < l.axes.size() ? rest % l.axes[a].size : rest;
      if (a == 0) run = std::min(n, l.axes[0].size - index);
      at += index * l.axes[a].stride;
      rest /= l.axes[a].size;
    }
    l.copy(base + at * l.element, l.axes[0].stride, to, run);
    to += run * l.lane, start += run, n -= run;
  }
}

TileSource TilePlan::load(const Load& l, const void* base_, const Run& run, int64_t start, int64_t n) const {
  const auto* base = static_cast<const std::byte*>(base_);
  if (l.how == How::in_place) return {base + start * l.element, -1};
  if (l.how == How::pattern) return {run.scratch + l.offset + start % l.period * l.lane, -1};
  const int64_t inner = l.axes[0].size, index = start % inner;
  if (index + n <= inner && l.axes[0].stride <= 1) {
    int64_t rest = start / inner, at = index * l.axes[0].stride;
    for (size_t a = 1; a < l.axes.size(); ++a) at += rest % l.axes[a].size * l.axes[a].stride, rest /= l.axes[a].size;
    const std::byte* from = base + at * l.element;
    if (l.axes[0].stride == 1 && l.native) return {from, -1};
    const bool one = l.axes[0].stride == 0;
    l.copy(from, one ? 0 : 1, run.scratch + l.offset, one ? static_cast<int64_t>(vector_bytes) / l.lane : n);
    return {run.scratch + l.offset, one ? 0 : -1};
  }
  gather(l, base, run.scratch + l.offset, start, n);
  return {run.scratch + l.offset, -1};
}

void TilePlan::tile(const Run& run, int64_t start, int64_t n) const {
  auto* registers = reinterpret_cast<TileSource*>(run.scratch);
  for (size_t i = 0; i < loads_.size(); ++i)
    if (loads_[i].how != How::scalar) registers[i] = load(loads_[i], base_of(run, i), run, start, n);
  for (size_t k = 0; k < stores_.size(); ++k) {
    const Store& s = stores_[k];
    if (!s.direct) continue;
    std::byte* slot = run.scratch + register_offset_[static_cast<size_t>(s.reg)];
    registers[s.reg].data = overlaps(run, k) ? slot : static_cast<std::byte*>(run.out[k]) + start * s.element;
  }
  if (prefetch_) prefetch(run, start + prefetch_distance);
  for (size_t j = 0; j < code_.size(); ++j) {
    const TileInstruction& instruction = code_[j];
    TileSource operands[tile_operands];
    for (int k = 0; k < operand_counts_[j]; ++k) operands[k] = registers[instruction.operands[static_cast<size_t>(k)]];
    instruction.function(operands, const_cast<void*>(registers[instruction.y].data), n);
  }
  for (size_t k = 0; k < stores_.size(); ++k) {
    const Store& s = stores_[k];
    std::byte* to = static_cast<std::byte*>(run.out[k]) + start * s.element;
    const TileSource from = registers[s.reg];
    if (from.data != to) s.copy(from.data, from.mask ? 1 : 0, to, n);
  }
}

void TilePlan::prefetch(const Run& run, int64_t start) const {
  const int64_t last = std::min(start + tile_size, elements_);
  for (size_t i = 0; i < loads_.size(); ++i) {
    if (loads_[i].how != How::in_place) continue;
    const std::byte* base = base_of(run, i);
    for (int64_t at = start; at < last; at += 64 / loads_[i].element) __builtin_prefetch(base + at * loads_[i].element);
  }
}

/// Would storing early overwrite an input that is still to be read?
bool TilePlan::overlaps(const Run& run, size_t store) const {
  const std::vector<int>& late = stores_[store].late;
  return std::any_of(late.begin(), late.end(), [&](int i) { return base_of(run, static_cast<size_t>(i)) == run.out[store]; });
}

/// The commonest chain: every operand is a number or is read where it lies, every result is written where it belongs. Then one
/// tile differs from the next by a step of each pointer. So do the rows of a block, of which each may meet the same row of `width`.
bool TilePlan::steps_alike(const Run& run, int64_t width) const {
  if (code_.size() > most_alike) return false;
  for (const Load& l : loads_)
    if (l.how != How::in_place && l.how != How::scalar && !(l.is_row && l.axes[0].size == width)) return false;
  for (size_t k = 0; k < stores_.size(); ++k)
    if (!stores_[k].direct || overlaps(run, k)) return false;
  return true;
}

void TilePlan::step_alike(const Run& run, const Steps& s) const {
  struct Moving {
    const void** pointer;
    int64_t step;
  };
  TileSource operands[most_alike][tile_operands];
  const void* results[most_alike];
  Moving moving[most_alike * (tile_operands + 1)];
  size_t count = 0;
  const auto* registers = reinterpret_cast<const TileSource*>(run.scratch);
  // Where register r is at first, and by how many bytes it moves.
  const auto place = [&](int r) -> std::pair<TileSource, int64_t> {
    const auto i = static_cast<size_t>(r);
    if (i < loads_.size() && loads_[i].how == How::in_place)
      return {{base_of(run, i) + s.first * loads_[i].element, -1}, loads_[i].element * (i == 0 && run.block && s.width ? s.stride : s.step)};
    if (i < loads_.size() && loads_[i].is_row) return {{base_of(run, i) + s.first % s.width * loads_[i].element, -1}, 0};
    for (size_t k = 0; k < stores_.size(); ++k)
      if (stores_[k].reg == r) return {{static_cast<std::byte*>(run.out[k]) + s.first * stores_[k].element, -1}, stores_[k].element * s.step};
    return {registers[i], 0};
  };
  for (size_t j = 0; j < code_.size(); ++j) {
    for (int k = 0; k < operand_counts_[j]; ++k) {
      const auto [source, step] = place(code_[j].operands[static_cast<size_t>(k)]);
      operands[j][k] = source;
      if (step) moving[count++] = {&operands[j][k].data, step};
    }
    const auto [result, step] = place(code_[j].y);
    results[j] = result.data;
    if (step) moving[count++] = {&results[j], step};
  }
  for (int64_t start = s.first; start < s.last; start += s.step) {
    if (prefetch_ && !s.width) prefetch(run, start + prefetch_distance);
    const int64_t some = std::min(s.n, s.last - start);
    auto group = groups_.begin();
    for (size_t j = 0; j < code_.size();) {
      if (group != groups_.end() && static_cast<size_t>(group->first) == j) {
        group->function(operands + j, const_cast<void* const*>(results + j), some);
        j += static_cast<size_t>(group++->count);
      } else {
        code_[j].function(operands[j], const_cast<void*>(results[j]), some);
        ++j;
      }
    }
    for (size_t m = 0; m < count; ++m) *moving[m].pointer = static_cast<const std::byte*>(*moving[m].pointer) + moving[m].step;
  }
}

void TilePlan::tiles(const Run& run, int64_t first, int64_t last) const {
  if (last - first > tile_size && steps_alike(run, 0)) return step_alike(run, {first, last, tile_size, tile_size, 0, 0});
  for (int64_t start = first; start < last; start += tile_size) tile(run, start, std::min<int64_t>(tile_size, last - start));
}

void TilePlan::block(Run run, int64_t first, int64_t rows, int64_t columns, int64_t width, int64_t stride) const {
  if (steps_alike(run, width)) {
    for (int64_t j = 0; j < columns; j += tile_size) {
      const int64_t n = std::min<int64_t>(tile_size, columns - j);
      step_alike(run, {first + j, first + j + (rows - 1) * width + n, width, n, stride, width});
    }
    return;
  }
  const auto from = reinterpret_cast<uintptr_t>(run.block);
  for (int64_t i = 0; i < rows; ++i, first += width) {
    run.block = reinterpret_cast<const void*>(from + static_cast<uintptr_t>(i * (stride - width)) * sizeof(float));
    tiles(run, first, first + columns);
  }
}

}  // namespace cornu
