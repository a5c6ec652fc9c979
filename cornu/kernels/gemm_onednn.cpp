// Matrix products through oneDNN 2.x, one thread for each slice: bfloat16 where the processor multiplies it, and float32.
#include "cornu/kernels/gemm_parts.h"

#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>

#include <map>
#include <utility>

#include "cornu/base/error.h"
#include "cornu/kernels/library.h"
#endif

namespace cornu::gemm {

#if __has_include(<oneapi/dnnl/dnnl.h>)
namespace {

constexpr long block_rows = 256, block_columns = 512;

struct Functions {
  decltype(&dnnl_engine_create) engine_create = nullptr;
  decltype(&dnnl_stream_create) stream_create = nullptr;
  decltype(&dnnl_memory_desc_init_by_strides) desc_init = nullptr;
  decltype(&dnnl_matmul_desc_init) matmul_init = nullptr;
  decltype(&dnnl_primitive_attr_create) attr_create = nullptr;
  decltype(&dnnl_primitive_attr_destroy) attr_destroy = nullptr;
  decltype(&dnnl_primitive_attr_set_scratchpad_mode) set_scratchpad = nullptr;
  decltype(&dnnl_primitive_desc_create) pd_create = nullptr;
  decltype(&dnnl_primitive_desc_query_md) pd_query = nullptr;
  decltype(&dnnl_memory_desc_get_size) desc_size = nullptr;
  decltype(&dnnl_primitive_desc_destroy) pd_destroy = nullptr;
  decltype(&dnnl_primitive_create) create = nullptr;
  decltype(&dnnl_primitive_destroy) destroy = nullptr;
  decltype(&dnnl_primitive_execute) execute = nullptr;
  decltype(&dnnl_memory_create) memory_create = nullptr;
  decltype(&dnnl_memory_destroy) memory_destroy = nullptr;
  int (*max_threads)() = nullptr;
  void (*set_threads)(int) = nullptr;
  dnnl_engine_t engine = nullptr;
  dnnl_stream_t stream = nullptr;
  bool loaded = false;
};

/// Loaded once, with the one engine and stream that all products share: a CPU stream holds no state.
const Functions& functions() {
  static const Functions all = [] {
    Functions f;
    constexpr const char *dnnl = "libdnnl.so.2", *gomp = "libgomp.so.1";
    f.loaded = find_function(f.engine_create, dnnl, "dnnl_engine_create") && find_function(f.stream_create, dnnl, "dnnl_stream_create") &&
               find_function(f.desc_init, dnnl, "dnnl_memory_desc_init_by_strides") && find_function(f.matmul_init, dnnl, "dnnl_matmul_desc_init") &&
               find_function(f.attr_create, dnnl, "dnnl_primitive_attr_create") && find_function(f.attr_destroy, dnnl, "dnnl_primitive_attr_destroy") &&
               find_function(f.set_scratchpad, dnnl, "dnnl_primitive_attr_set_scratchpad_mode") &&
               find_function(f.pd_create, dnnl, "dnnl_primitive_desc_create") && find_function(f.pd_query, dnnl, "dnnl_primitive_desc_query_md") &&
               find_function(f.desc_size, dnnl, "dnnl_memory_desc_get_size") && find_function(f.pd_destroy, dnnl, "dnnl_primitive_desc_destroy") &&
               find_function(f.create, dnnl, "dnnl_primitive_create") && find_function(f.destroy, dnnl, "dnnl_primitive_destroy") &&
               find_function(f.execute, dnnl, "dnnl_primitive_execute") && find_function(f.memory_create, dnnl, "dnnl_memory_create") &&
               find_function(f.memory_destroy, dnnl, "dnnl_memory_destroy") && find_function(f.max_threads, gomp, "omp_get_max_threads") &&
               find_function(f.set_threads, gomp, "omp_set_num_threads") && f.engine_create(&f.engine, dnnl_cpu, 0) == dnnl_success &&
               f.stream_create(&f.stream, f.engine, dnnl_stream_default_flags) == dnnl_success;
    return f;
  }();
  return all;
}

/// oneDNN asks OpenMP for its number of threads, which belongs to the calling thread: one, for as long as this lives.
class OneThread {
 public:
  OneThread() : before_(functions().max_threads()) { functions().set_threads(1); }
  ~OneThread() { functions().set_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// The product of one shape of block, made ready.
struct Primitive {
  dnnl_memory_desc_t a, b, y, scratchpad;
  std::shared_ptr<dnnl_primitive> code;
};

dnnl_data_type_t type_of(DType d) { return d == DType::bfloat16 ? dnnl_bf16 : dnnl_f32; }

std::optional<Primitive> prepare(const Gemm& g, int64_t rows, int64_t columns, int64_t stride) {
  const Functions& f = functions();
  Primitive p{};
  const auto describe = [&](dnnl_memory_desc_t& to, int64_t r, int64_t c, DType type, int64_t row, int64_t column) {
    const dnnl_dims_t dims = {r, c}, strides = {row, column};
    return f.desc_init(&to, 2, dims, type_of(type), strides) == dnnl_success;
  };
  dnnl_matmul_desc_t desc;
  if (!describe(p.a, rows, g.k, g.a, g.a_row(), g.a_column()) || !describe(p.b, g.k, columns, g.b, g.b_row(), g.b_column()) ||
      !describe(p.y, rows, columns, DType::float32, stride, 1) || f.matmul_init(&desc, &p.a, &p.b, nullptr, &p.y) != dnnl_success)
    return {};
  const OneThread one;
  dnnl_primitive_attr_t attr = nullptr;
  dnnl_primitive_desc_t pd = nullptr;
  dnnl_primitive_t code = nullptr;
  if (f.attr_create(&attr) != dnnl_success) return {};
  f.set_scratchpad(attr, dnnl_scratchpad_mode_user);
  const bool made = f.pd_create(&pd, &desc, attr, f.engine, nullptr) == dnnl_success;
  if (made && f.create(&code, pd) == dnnl_success) {
    p.scratchpad = *f.pd_query(pd, dnnl_query_scratchpad_md, 0);
    p.code = {code, [](dnnl_primitive_t c) { functions().destroy(c); }};
  }
  if (made) f.pd_destroy(pd);
  f.attr_destroy(attr);
  if (!p.code) return {};
  return p;
}

struct OneDnn {
  Gemm g;
  Result result;
  Cuts cuts;
  std::map<std::pair<long, long>, Primitive> blocks;
};

/// Where a block lies; freed with its argument. Creating one costs oneDNN an allocation.
struct Argument {
  dnnl_memory_t memory = nullptr;
  Argument(const dnnl_memory_desc_t& desc, const void* data) {
    ok = functions().memory_create(&memory, &desc, functions().engine, const_cast<void*>(data)) == dnnl_success;
  }
  ~Argument() {
    if (ok) functions().memory_destroy(memory);
  }
  Argument(const Argument&) = delete;
  Argument& operator=(const Argument&) = delete;
  bool ok = false;
};

void run(const OneDnn& c, void* const* buffers, int slice, void* scratch) {
  const Gemm& g = c.g;
  const OneThread one;
  float* own = c.result.own(scratch);
  float* scratchpad = own + (c.result.direct() ? 0 : block_rows * block_columns);
  each_block(g, c.result, c.cuts.block(slice), block_rows, block_columns, own, buffers, scratch,
             [&](int64_t batch, long row, long rows, long column, long columns, float* to, int64_t) {
               const Primitive& p = c.blocks.at({rows, columns});
               const Argument a(p.a, a_of(g, buffers, batch) + row * g.a_row() * static_cast<int64_t>(bytes_of(g.a)));
               const Argument b(p.b, b_of(g, buffers, batch) + column * g.b_column() * static_cast<int64_t>(bytes_of(g.b)));
               const Argument y(p.y, to), pad(p.scratchpad, scratchpad);
               const dnnl_exec_arg_t all[] = {
                   {DNNL_ARG_SRC, a.memory}, {DNNL_ARG_WEIGHTS, b.memory}, {DNNL_ARG_DST, y.memory}, {DNNL_ARG_SCRATCHPAD, pad.memory}};
               const bool done = a.ok && b.ok && y.ok && pad.ok && functions().execute(p.code.get(), functions().stream, 4, all) == dnnl_success;
               ensure(done, "oneDNN refused a matrix product that it had prepared");
             });
}

}  // namespace

std::optional<Kernel> onednn(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  const bool floats = g.a == DType::float32 && g.b == DType::float32;
  const bool halves = g.a == DType::bfloat16 && g.b == DType::bfloat16 && (machine.avx512_bf16 || machine.amx_bf16);
  if ((!floats && !halves) || !computes_in_float32(g) || g.m == 0 || g.n == 0 || g.k == 0 || g.batches() == 0) return {};
  if (!functions().loaded) return {};
  OneDnn c{g, Result(g, epilogue), cut(g, 32, 64), {}};
  size_t scratchpad = 0;
  for (int slice = 0; slice < c.cuts.slices(); ++slice) {
    const Block s = c.cuts.block(slice);
    for (long i = s.rows.first; i < s.rows.last; i += block_rows)
      for (long j = s.columns.first; j < s.columns.last; j += block_columns) {
        const long rows = std::min(block_rows, s.rows.last - i), columns = std::min(block_columns, s.columns.last - j);
        if (c.blocks.contains({rows, columns})) continue;
        auto primitive = prepare(g, rows, columns, c.result.direct() ? g.n : columns);
        if (!primitive) return {};
        scratchpad = std::max(scratchpad, functions().desc_size(&primitive->scratchpad));
        c.blocks.emplace(std::pair{rows, columns}, std::move(*primitive));
      }
  }
  const int slices = c.cuts.slices();
  const size_t bytes = c.result.scratch_bytes() + (c.result.direct() ? 0 : block_rows * block_columns * sizeof(float)) + scratchpad;
  Kernel kernel = make_kernel("gemm.onednn", std::move(c), run, slices);
  kernel.scratch_bytes = bytes;
  kernel.numerics = Numerics::library;
  return kernel;
}

#else
// A build without oneDNN's headers: the other candidates take every product.
std::optional<Kernel> onednn(const Gemm&, const Machine&, const Epilogue*) { return {}; }
#endif

}  // namespace cornu::gemm
