// A tile program of which some results are wanted as sums over all axes but the last, and need not be stored.
#pragma once
#include "cornu/kernels/tile.h"

namespace cornu {

/// Outputs [0, stored) of the program are stored; sum k is that of output `sums[k]`, float32, over all axes of the space but the last.
/// Buffers: the program's inputs, the stored outputs, the sums [last axis]. Long sums are added up in blocks, and these in slices
/// cut by the shape: as good as reduce's.
Kernel tile_sums_kernel(TileProgram program, int stored, std::vector<int> sums);

}  // namespace cornu
