// The tile machine: a chain of pointwise ops run over blocks of 256 elements that stay in the first-level cache.
// It knows no op: an instruction is a function over a block. ops/pointwise supplies the functions.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

inline constexpr int tile_size = 256;
inline constexpr int tile_operands = 5;

/// An operand of an instruction: element i is data[i & mask]. The mask is -1 for a block, and 0 for one number, which then
/// stands at data[0..] in as many copies as fill 64 bytes, so that a vector of any width may be read.
struct TileSource {
  const void* data = nullptr;
  int64_t mask = -1;
};

/// y[i] = f(in[0], in[1], ...)[i] for i < n; reads and writes nothing beyond. y may be one of the operands.
using TileFunction = void (*)(const TileSource* in, void* y, int64_t n);

/// What a tile register holds. Every dtype is computed in one of these: bfloat16 and bool as float32, all integers as int64.
enum class Lane : uint8_t { f32, f64, i64 };
constexpr Lane lane_of(DType d) { return d == DType::float64 ? Lane::f64 : is_integer(d) ? Lane::i64 : Lane::f32; }

/// Neighbouring instructions as one loop: in[k] and y[k] are what instruction k would be given.
using TileGroup = void (*)(const TileSource (*in)[tile_operands], void* const* y, int64_t n);

/// An operand in memory, read along the program's space.
struct TileOperand {
  DType dtype = DType::float32;
  std::vector<int64_t> strides = {};  // in elements, one for each axis of the space; zero where the operand is stretched
  Lane lane = lane_of(dtype);         // what its register holds; converted while loading
};

/// registers[y] = function(registers[operands]...). Registers 0..inputs-1 are the inputs.
struct TileInstruction {
  TileFunction function = nullptr;
  std::array<int, tile_operands> operands = {-1, -1, -1, -1, -1};  // unused ones are -1, and last
  int y = 0;
  Lane lane = Lane::f32;  // of y
};

struct TileProgram {
  Shape space;                         // the outputs' shape
  std::vector<TileOperand> inputs;     // registers 0, 1, ...
  std::vector<TileInstruction> code;   // in order; each register is written once
  struct Group {
    int first, count;  // instructions
    TileGroup function;
  };
  std::vector<Group> groups;           // may run in place of their instructions, with the same results
  std::vector<int> outputs;            // registers of instructions, stored dense, in this order
  std::vector<DType> output_types;     // their lanes are lane_of of these
};

/// Buffers: the inputs in order, then the outputs. An output may be the same memory as a dense input of its type.
Kernel tile_kernel(TileProgram program, std::string name = "tile");

/// Several programs, each over its own space, as one kernel of one phase whose slices cut across them. Buffers: the inputs,
/// segment by segment, then the outputs, segment by segment.
Kernel tile_kernel(std::vector<TileProgram> segments, std::string name);

class TilePlan;

/// A program that a producer of a matrix runs on each block while the block is in cache. Input 0 is the block.
class Epilogue {
 public:
  /// The program's space is taken as rows x last axis; its input 0 stands for the producer's result: float32, dense.
  explicit Epilogue(TileProgram program);
  const TileProgram& program() const { return *program_; }
  /// Buffers that the program reads besides the block, and that it writes.
  int extra_inputs() const { return static_cast<int>(program_->inputs.size()) - 1; }
  int outputs() const { return static_cast<int>(program_->outputs.size()); }
  /// Runs on rows [row, row + rows) and columns [column, column + columns). block[i * stride + j] holds the producer's
  /// numbers. `operands` are the extra inputs, then the outputs, each whole. The block may lie in the first output's
  /// memory, in its place. Blocks of whole rows without gaps run as one stretch of elements: the cheapest.
  void run(const float* block, int64_t stride, int64_t row, int64_t rows, int64_t column, int64_t columns,
           void* const* operands, void* scratch) const;
  /// Scratch that run needs, for each thread.
  size_t scratch_bytes() const;

 private:
  std::shared_ptr<const TileProgram> program_;
  std::shared_ptr<const TilePlan> plan_;
};

}  // namespace cornu
