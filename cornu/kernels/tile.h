// The tile machine: a chain of pointwise ops run over blocks of 256 elements that stay in the first-level cache.
// It knows no op: an instruction is a function over a block. ops/pointwise supplies the functions.
#pragma once
#include <cstdint>
#include <vector>

#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

inline constexpr int tile_size = 256;

/// y[i] = f(a[i], b[i], c[i]) for i < n. A function of fewer operands ignores the others.
using TileFunction = void (*)(const void* a, const void* b, const void* c, void* y, int64_t n);

/// What a tile register holds. Every dtype is computed in one of these: bfloat16 and bool as float32, all integers as int64.
enum class Lane : uint8_t { f32, f64, i64 };
constexpr Lane lane_of(DType d) { return d == DType::float64 ? Lane::f64 : is_integer(d) ? Lane::i64 : Lane::f32; }

/// An operand in memory, read or written along the program's space.
struct TileOperand {
  DType dtype = DType::float32;
  std::vector<int64_t> strides;  // in elements, one for each axis of the space; zero where the operand is stretched
};

/// registers[y] = function(registers[a], registers[b], registers[c]). Registers 0..inputs-1 are the inputs.
struct TileInstruction {
  TileFunction function = nullptr;
  int a = -1, b = -1, c = -1;
  int y = 0;
  Lane lane = Lane::f32;  // of y
};

struct TileProgram {
  Shape space;                         // the output's shape
  std::vector<TileOperand> inputs;     // registers 0, 1, ...
  std::vector<TileInstruction> code;   // in order; y counts on from the inputs, each register written once
  std::vector<int> outputs;            // registers stored, dense, in this order
  std::vector<DType> output_types;
};

/// Buffers: the inputs in order, then the outputs. An output may share its memory with an input of the same type that is dense.
Kernel tile_kernel(TileProgram program, std::string name = "tile");

/// A program that a producer of a matrix runs on each block while the block is in cache. Input 0 is the block.
class Epilogue {
 public:
  /// `program` has a space of two axes, rows x columns; its input 0 stands for the producer's result (float32).
  explicit Epilogue(TileProgram program);
  const TileProgram& program() const;
  /// Buffers that the program reads besides the block, and that it writes.
  int extra_inputs() const;
  int outputs() const;
  /// Runs on rows [row, row + rows) and columns [column, column + columns). block[i * stride + j] holds the producer's
  /// numbers. `operands` are the extra inputs, then the outputs. A caller with block == the first output's memory is fine.
  void run(const float* block, int64_t stride, int64_t row, int64_t rows, int64_t column, int64_t columns,
           void* const* operands, void* scratch) const;
  /// Scratch that run needs.
  size_t scratch_bytes() const;

 private:
  struct Plan;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace cornu
