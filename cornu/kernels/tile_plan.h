// A tile program made ready: how each operand is reached, where each register lives. Private to the tile machine.
#pragma once
#include "cornu/kernels/tile_load.h"

namespace cornu {

class TilePlan {
 public:
  explicit TilePlan(const TileProgram& program);

  int64_t elements() const { return elements_; }
  int inputs() const { return static_cast<int>(loads_.size()); }
  int outputs() const { return static_cast<int>(stores_.size()); }
  size_t scratch_bytes() const { return scratch_bytes_; }
  /// How much one element costs, in elements touched: for slices_for.
  double weight() const { return static_cast<double>(loads_.size() + code_.size()); }

  /// Buffers as one run sees them: where each input and each output begins.
  struct Run {
    const void* const* in;
    void* const* out;
    const void* block = nullptr;  // an epilogue's: it is input 0, and `in` begins with input 1
    std::byte* scratch;
  };
  /// Once before any `tile`: fills what stays the same for every tile.
  void begin(const Run& run) const;
  /// Elements [start, start + n), n <= tile_size.
  void tile(const Run& run, int64_t start, int64_t n) const;
  /// Elements [first, last) in tiles.
  void tiles(const Run& run, int64_t first, int64_t last) const;
  /// The same for a block of a space of two axes, [_, width], that begins at element `first`; an epilogue's input 0 has its rows
  /// `stride` elements apart.
  void block(Run run, int64_t first, int64_t rows, int64_t columns, int64_t width, int64_t stride) const;

 private:
  enum class How : uint8_t {
    in_place,  // the memory is the register
    scalar,    // one number: broadcast once into 64 bytes
    pattern,   // a short row repeated: written out once, so that a tile may start anywhere in it
    strided,   // anything else: copied, tile by tile, unless one run of memory covers the tile
  };
  struct Axis {
    int64_t size, stride;
  };
  struct Load {
    How how = How::in_place;
    TileCopy copy = nullptr;
    int64_t element = 4;  // bytes in memory
    int64_t lane = 4;     // bytes in a register
    bool native = true;
    int64_t period = 1;
    bool is_row = false;     // the same row of memory, as long as an axis, for every index of another
    size_t offset = 0;       // of its register or pattern in scratch
    std::vector<Axis> axes;  // collapsed, innermost first
  };
  struct Store {
    int reg = 0;
    TileCopy copy = nullptr;  // null: a native register that an instruction may write straight into memory
    int64_t element = 4;
    bool direct = false;
    std::vector<int> late;  // inputs in place that are read after it is written
  };

  void plan_inputs(const TileProgram& program);
  void plan_outputs(const TileProgram& program);
  void plan_registers(const TileProgram& program);
  TileSource load(const Load& l, const void* base, const Run& run, int64_t start, int64_t n) const;
  void prefetch(const Run& run, int64_t start) const;
  bool overlaps(const Run& run, size_t store) const;
  struct Steps {
    int64_t first, last;   // elements
    int64_t step, n;       // n elements at first, first + step, ...
    int64_t stride, width;  // of rows: see block; zero for tiles
  };
  bool steps_alike(const Run& run, int64_t width) const;
  void step_alike(const Run& run, const Steps& steps) const;
  void gather(const Load& l, const std::byte* base, std::byte* to, int64_t start, int64_t n) const;
  const std::byte* base_of(const Run& run, size_t input) const {
    return static_cast<const std::byte*>(!run.block ? run.in[input] : input == 0 ? run.block : run.in[input - 1]);
  }

  int64_t elements_ = 0;
  std::vector<Load> loads_;
  std::vector<TileInstruction> code_;
  std::vector<int> operand_counts_;
  std::vector<TileProgram::Group> groups_;
  std::vector<Store> stores_;
  std::vector<size_t> register_offset_;  // of each register in scratch
  size_t scratch_bytes_ = 0;
  bool prefetch_ = false;
};

}  // namespace cornu
