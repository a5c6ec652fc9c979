// Links in a fractal heap.
#include "cornu/io/hdf5_format.h"

namespace cornu::hdf5 {

void read_dense_links(const Source&, uint64_t, std::vector<Link>&) {
  throw UnsupportedError("HDF5: a group keeps its links in a fractal heap (libver=\"latest\"). Save the file with h5py's default libver.");
}

}  // namespace cornu::hdf5
