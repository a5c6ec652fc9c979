// The code generator: steps of a chain to instructions over tiles.
#include "cornu/ops/tile_code.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/ops/ops.h"

namespace cornu {

Fused alone(Op op, int inputs) {
  Fused fused{.inputs = inputs, .steps = {}, .outputs = {inputs}};
  FusedStep step{std::move(op), {}};
  for (int i = 0; i < inputs; ++i) step.operands.push_back(i);
  fused.steps.push_back(std::move(step));
  return fused;
}

std::vector<TensorType> types_of(const Fused& fused, Types in) {
  ensure(static_cast<int>(in.size()) == fused.inputs, "a fused op of ", fused.inputs, " inputs was given ", in.size());
  std::vector<TensorType> types(in.begin(), in.end());
  for (const FusedStep& step : fused.steps) {
    std::vector<TensorType> operands;
    for (const int v : step.operands) {
      ensure(v >= 0 && v < static_cast<int>(types.size()), "a step of a fused op reads value ", v, " before it is made");
      operands.push_back(types[static_cast<size_t>(v)]);
    }
    types.push_back(step.op.infer(operands)[0]);
  }
  return types;
}

namespace {

class CodeGenerator {
 public:
  CodeGenerator(const Fused& fused, Types in, bool naive) : fused_(fused), types_(types_of(fused, in)), naive_(naive) {
    program_.space = type(fused.outputs[0]).shape;
    for (int i = 0; i < fused.inputs; ++i) {
      program_.inputs.push_back({.dtype = type(i).dtype, .strides = broadcast_strides(type(i).shape, program_.space), .lane = lane_of_input(i)});
      values_.push_back({i, program_.inputs.back().lane});
    }
  }

  TileProgram run() {
    std::vector<std::optional<SuperMatch>> matches(fused_.steps.size());
    if (!naive_) matches = super_ops(fused_, types_);
    std::vector<bool> absorbed(fused_.steps.size(), false);
    for (const auto& m : matches)
      if (m)
        for (const int s : m->absorbed) absorbed[static_cast<size_t>(s)] = true;

    for (size_t i = 0; i < fused_.steps.size(); ++i) {
      if (absorbed[i]) values_.push_back({-1, Lane::f32});
      else if (matches[i]) values_.push_back(emit(best().super[static_cast<size_t>(matches[i]->op)], matches[i]->operands, Lane::f32));
      else values_.push_back(step(fused_.steps[i], type(fused_.inputs + static_cast<int>(i)).dtype));
    }
    group_moments();
    for (const int v : fused_.outputs) {
      Register r = values_[static_cast<size_t>(v)];
      if (r.number < fused_.inputs) r = emit(copy_function(r.lane), {v}, r.lane);
      program_.outputs.push_back(r.number);
      program_.output_types.push_back(type(v).dtype);
    }
    return std::move(program_);
  }

 private:
  struct Register {
    int number;
    Lane lane;
  };
  const TensorType& type(int value) const { return types_[static_cast<size_t>(value)]; }
  static const SimdFunctions& best() { return *simd_functions()[0]; }

  /// Integers that are only ever cast to one float type are read as such: no instruction is needed.
  Lane lane_of_input(int i) const {
    const DType dtype = type(i).dtype;
    std::optional<DType> becomes;
    bool only_cast = is_integer(dtype);
    for (const FusedStep& s : fused_.steps) {
      if (std::find(s.operands.begin(), s.operands.end(), i) == s.operands.end()) continue;
      const Cast* cast = s.op.as<Cast>();
      only_cast = only_cast && cast && (cast->dtype == DType::float32 || cast->dtype == DType::float64) && becomes.value_or(cast->dtype) == cast->dtype;
      if (cast) becomes = cast->dtype;
    }
    for (const int v : fused_.outputs) only_cast = only_cast && v != i;
    return only_cast && becomes ? lane_of(*becomes) : lane_of(dtype);
  }

  Register emit(TileFunction function, const std::vector<int>& operands, Lane lane) {
    ensure(function != nullptr, "the tile machine has no function for this op and dtype");
    TileInstruction instruction{.function = function, .operands = {-1, -1, -1, -1, -1}, .y = fused_.inputs + static_cast<int>(program_.code.size()), .lane = lane};
    for (size_t k = 0; k < operands.size(); ++k) instruction.operands[k] = values_[static_cast<size_t>(operands[k])].number;
    program_.code.push_back(instruction);
    return {instruction.y, lane};
  }

  /// Adam's moments and step, one after the other, are one loop.
  void group_moments() {
    const auto is = [&](size_t j, SuperOp op) { return program_.code[j].function == best().super[static_cast<size_t>(op)]; };
    for (size_t j = 0; j + 2 < program_.code.size(); ++j) {
      if (!is(j, SuperOp::interpolate) || !is(j + 1, SuperOp::interpolate_square) || !is(j + 2, SuperOp::scaled_step)) continue;
      auto& step = program_.code[j + 2].operands;
      if (step[2] == program_.code[j].y) std::swap(step[1], step[2]);  // factors
      if (step[1] == program_.code[j].y && step[3] == program_.code[j + 1].y) program_.groups.push_back({static_cast<int>(j), 3, best().moments_step});
    }
  }

  Register step(const FusedStep& s, DType result) {
    if (s.op.as<Cast>()) {
      const Register from = values_[static_cast<size_t>(s.operands[0])];
      const TileFunction function = cast_function(from.lane, result);
      return function ? emit(function, s.operands, lane_of(result)) : from;
    }
    const auto op = pointwise_of(s.op);
    ensure(op.has_value(), s.op.name(), " is not pointwise: it cannot be a step of a fused op");
    const Lane lane = lane_of(type(s.operands.back()).dtype);  // of the operands; a condition, always a float register, comes first
    const TileFunction function = lane != Lane::f32 ? scalar_function(*op, lane) : naive_ ? naive_function(*op) : best().pointwise[static_cast<size_t>(*op)];
    Register y = emit(function, s.operands, lane_of(result));
    if (result == DType::int32 || result == DType::uint8) {  // computed in int64: wrap, as memory would
      program_.code.push_back({.function = cast_function(Lane::i64, result), .operands = {y.number, -1, -1, -1, -1}, .y = y.number + 1, .lane = Lane::i64});
      ++y.number;
    }
    return y;
  }

  const Fused& fused_;
  std::vector<TensorType> types_;
  bool naive_;
  TileProgram program_;
  std::vector<Register> values_;  // where each input and step lives
};

}  // namespace

TileProgram tile_program(const Fused& fused, Types in, bool naive) { return CodeGenerator(fused, in, naive).run(); }

}  // namespace cornu
