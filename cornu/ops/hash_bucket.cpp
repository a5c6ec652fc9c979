// Integers to bins by the hash of their decimal text, as TensorFlow's to_hash_bucket_fast and _strong do.
#include <charconv>

#include "cornu/base/fingerprint.h"
#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

struct Context {
  DType dtype;
  HashBucket how;
  int64_t elements;
  int slices;
};

template <class T> void run(const Context& c, const void* from, int64_t* to, Range range) {
  for (long i = range.first; i < range.last; ++i) {
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, static_cast<int64_t>(static_cast<const T*>(from)[i])).ptr;
    const std::string_view written(digits, static_cast<size_t>(end - digits));
    const uint64_t hash = c.how.strong ? siphash64(written, {static_cast<uint64_t>(c.how.key0), static_cast<uint64_t>(c.how.key1)}) : fingerprint64(written);
    to[i] = static_cast<int64_t>(hash % static_cast<uint64_t>(c.how.bins));
  }
}

void run_slice(const Context& c, void* const* buffers, int slice, void*) {
  const Range range = slice_of(c.elements, c.slices, slice);
  auto* to = static_cast<int64_t*>(buffers[1]);
  if (c.dtype == DType::int64) run<int64_t>(c, buffers[0], to, range);
  else if (c.dtype == DType::int32) run<int32_t>(c, buffers[0], to, range);
  else run<uint8_t>(c, buffers[0], to, range);
}

}  // namespace

struct HashBucket::Rules : HashBucket {
  static constexpr std::string_view name = "hash_bucket", doc = "The bin, int64 in [0, bins), of each integer: a hash of its decimal text.";
  static constexpr Properties has = {.differentiable = false};
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1, "hash_bucket takes one input, but was given ", in.size());
    require<ShapeError>(is_integer(in[0].dtype), "hash_bucket hashes integers, but was given ", in[0], "; cast them to int64");
    require<ShapeError>(bins > 0, "hash_bucket needs a positive number of bins, but was given ", bins);
    return {{DType::int64, in[0].shape}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    const int64_t elements = r.in[0].shape.elements();
    const int slices = slices_for(static_cast<double>(elements) * 60);
    return {make_kernel("hash_bucket", Context{r.in[0].dtype, *this, elements, slices}, run_slice, slices)};
  }
  static std::vector<Example> examples() {
    return {{HashBucket{10}, {Tensor({5}, std::vector<int64_t>{0, 1, -7, 123456789, INT64_MIN})}, false},
            {HashBucket{7, true, 133, 137}, {Tensor({2, 2}, std::vector<int32_t>{3, 2, -1, 0})}, false},
            {HashBucket{3}, {Tensor({3}, std::vector<uint8_t>{0, 9, 255})}, false}};
  }
};
CORNU_DEFINE_OP(HashBucket)

Value hash_bucket(Value x, HashBucket how) { return emit(how, {x}); }

}  // namespace cornu
