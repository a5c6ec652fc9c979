// What bench/instructions.py counts under callgrind: sections of work on one thread, each followed by a dump with its name. With
// --time: how many milliseconds tracing and compiling take here, by pass.
#include <chrono>
#include <cstdio>

#include "cornu/compiler/compile.h"
#include "cornu/train/model_state.h"
#include "workloads/workload.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_STOP_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_DUMP_STATS_AT(name) std::fprintf(stderr, "built without valgrind's headers, so that %s is not counted\n", name)
#endif

namespace {

using namespace cornu;

template <class F> void counted(const char* name, F f) {
  CALLGRIND_START_INSTRUMENTATION;
  f();
  CALLGRIND_STOP_INSTRUMENTATION;
  CALLGRIND_DUMP_STATS_AT(name);
}

void compile(Model& model) {
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = 1});
  create_slots(model.state());
  create_metrics(model.state());
}

/// A training step that is compiled.
struct Subject {
  const char* name;
  bench::Built built;
  Signature signature;
};
Signature images(int64_t batch, Shape image, DType type, double scale) { return {Mode::train, {{{type, Shape{batch} + image}, scale}}, {{{DType::uint8, {batch}}}}}; }

template <class F> void for_subjects(F f) {
  f({"W1", bench::dense_model("W1"), images(32, {784}, DType::uint8, 1.0 / 255)});
  f({"W3", bench::convolutional_model("W3"), images(64, {28, 28, 1}, DType::uint8, 1.0 / 255)});
  f({"W6", bench::transformer(128, 256, 256, 4, 4), {Mode::train, {{{DType::int32, {16, 128}}}}, {{{DType::int32, {16, 128}}}}}});
  f({"ResNet-18", bench::convolutional_model("ResNet-18"), images(128, {32, 32, 3}, DType::float32, 1)});
}

/// Traces and compiles it, as a new batch size does; the Program.
std::shared_ptr<const Program> once(const Subject& s) {
  Model::State& model = s.built.model->state();
  return cornu::compile(*trace_step(model, s.signature), {.transposed_states = model.store.transposed()});
}

void count(const Subject& s) {
  compile(*s.built.model);
  once(s);  // what is made once in a process is made
  counted(text("compiling ", s.name).c_str(), [&] { once(s); });
}

/// Milliseconds, the best of many.
void time_one(const Subject& s) {
  compile(*s.built.model);
  double best = 1e9, tracing = 1e9, planning = 1e9;
  std::vector<CompileReport::Pass> passes;
  for (int i = 0; i < 30; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Model::State& model = s.built.model->state();
    const auto graph = trace_step(model, s.signature);
    const double traced = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto program = cornu::compile(*graph, {.transposed_states = model.store.transposed()});
    const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double in_passes = 0;
    if (passes.empty()) passes = program->report.passes;
    for (size_t k = 0; k < passes.size(); ++k) {
      in_passes += program->report.passes[k].seconds;
      passes[k].seconds = std::min(passes[k].seconds, program->report.passes[k].seconds);
    }
    best = std::min(best, all), tracing = std::min(tracing, traced), planning = std::min(planning, program->report.seconds - in_passes);
  }
  std::printf("%s: %.2f ms; tracing %.2f, planning %.2f", s.name, best * 1e3, tracing * 1e3, planning * 1e3);
  for (const CompileReport::Pass& p : passes) std::printf(", %s %.2f (%d nodes)", p.name.c_str(), p.seconds * 1e3, p.nodes_after);
  std::printf("\n");
}

int count_all() {
  const Machine& m = this_machine();
  if (!m.avx2 || m.avx512) {
    std::fprintf(stderr, "counts are of AVX2 code, as valgrind shows processors with AVX2; this one has %s\n", m.avx512 ? "AVX-512" : "no AVX2");
    return 77;  // for ctest: skipped
  }
  const bench::Built w1 = bench::dense_model("W1");
  compile(*w1.model);
  Tensor x(DType::uint8, {32, 784});
  uint64_t i = 0;
  for (uint8_t& v : x.mutable_values<uint8_t>()) v = static_cast<uint8_t>(255 * bench::uniform(i++, 7));
  x = x.with_scale(1.0 / 255);
  const Tensor y = bench::classes({32}, 10, 8);
  for (int k = 0; k < 3; ++k) w1.model->train_on_batch(x, y);
  counted("10 steps of W1", [&] {
    for (int k = 0; k < 10; ++k) w1.model->train_on_batch(x, y);
  });
  for_subjects(count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2 || std::string_view(argv[1]) != "--time") return count_all();
    for_subjects(time_one);
    return 0;
  } catch (const Error& e) {
    std::fprintf(stderr, "cornu_instructions: %s\n", e.what());
    return 1;
  }
}
