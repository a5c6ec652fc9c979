// Reading HDF5 files as Keras and h5py write them, with no trust in their bytes.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/io/bytes.h"
#include "cornu/io/limits.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

struct Hdf5Attribute {
  std::string name;
  bool is_text = false;             ///< others are not decoded
  std::vector<std::string> values;  ///< one for a scalar
};

struct Hdf5Object {
  std::string path;  ///< "layers/dense/vars/0"; the root is ""
  bool is_group = true;
  DType dtype = DType::float32;  ///< as `read` gives it: float16 becomes float32, small integers int32, uint32 int64
  Shape shape;
  std::vector<Hdf5Attribute> attributes;
};

/// A subset of HDF5: superblocks 0 to 3; groups by symbol tables or link messages; compact, contiguous and
/// chunked datasets (B-tree version 1; gzip, shuffle, fletcher32) of little-endian integers, IEEE floats, bfloat16 (also as
/// Keras writes it: two opaque bytes with the attribute dtype="bfloat16") and h5py's bool; attributes of text.
/// Whatever would lead to another file or twice to the same object is refused: UnsafeError for soft, external and
/// user-defined links, external and virtual storage, references.
class Hdf5File {
 public:
  /// Checks the whole structure and the sum of the datasets' sizes against `budget`; no tensor is allocated yet.
  /// `owner` keeps `bytes` alive. Throws FormatError, LimitError, UnsafeError, UnsupportedError.
  Hdf5File(ByteView bytes, std::shared_ptr<const void> owner, Budget& budget);
  ~Hdf5File();
  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;

  /// Groups before what they hold, siblings by name with numbers in order ("2" before "10").
  const std::vector<Hdf5Object>& objects() const;
  /// Null when there is none.
  const Hdf5Object* find(std::string_view path) const;
  /// The value of a scalar text attribute; nothing when the object or the attribute is missing.
  std::optional<std::string> attribute(std::string_view path, std::string_view name) const;
  /// The numbers of a dataset. Throws ArgumentError when there is none at `path`, FormatError when they are damaged.
  Tensor read(std::string_view path) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The first bytes of every HDF5 file.
bool looks_like_hdf5(ByteView bytes);

/// Names in the order people expect: digits compared as numbers, so "2" before "10".
bool natural_less(std::string_view a, std::string_view b);

/// IEEE 754 half precision to float32, exactly.
float half_to_float(uint16_t bits);

}  // namespace cornu
