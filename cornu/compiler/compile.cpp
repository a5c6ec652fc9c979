// The compiler, as a table of contents.
#include "cornu/compiler/compile.h"

#include <algorithm>
#include <chrono>

#include "cornu/base/error.h"
#include "cornu/compiler/passes.h"
#include "cornu/compiler/plan.h"
#include "cornu/compiler/tuner.h"
#include "cornu/graph/text.h"

namespace cornu {
namespace {

/// Every pass is verified where its graphs are looked at, and in all that runs under AddressSanitizer.
#ifdef __SANITIZE_ADDRESS__
constexpr bool always_careful = true;
#else
constexpr bool always_careful = false;
#endif

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Takes the nodes that nothing needs out of the graph, as a rewrite does that changes nothing, without copying the others.
void sweep(Graph& graph) {
  graph.where.clear();
  std::vector<char> needed(graph.nodes.size(), 0);
  const auto need = [&](Value v) { needed[static_cast<size_t>(v.node)] = 1; };
  for (const Value v : graph.outputs) need(v);
  for (const Assignment& a : graph.assignments) need(a.value), need(a.state);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    if (graph.nodes[i].kind == Node::Kind::input) needed[i] = 1;  // inputs are the caller's: they stay
    if (needed[i])
      for (const Value v : graph.nodes[i].in) need(v);
  }
  if (std::find(needed.begin(), needed.end(), 0) == needed.end()) return;
  std::vector<int> place(graph.nodes.size(), -1);
  int kept = 0;
  const auto move = [&](Value& v) { v.node = place[static_cast<size_t>(v.node)]; };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!needed[i]) continue;
    for (Value& v : graph.nodes[i].in) move(v);
    place[i] = kept++;
    if (static_cast<size_t>(place[i]) != i) graph.nodes[static_cast<size_t>(place[i])] = std::move(graph.nodes[i]);
  }
  graph.nodes.resize(static_cast<size_t>(kept));
  for (Value& v : graph.outputs) move(v);
  for (Assignment& a : graph.assignments) move(a.value), move(a.state);
}

/// Runs passes one after the other: sweeps dead nodes, verifies if it is to be careful, times, and shows what changed.
class Runner {
 public:
  Runner(const Graph& graph, const CompileOptions& options, CompileReport& report, bool careful)
      : graph_(rewrite(graph, nullptr)), options_(options), report_(report), careful_(careful) {}

  template <class Pass, class... Args> void operator()(std::string_view name, Pass pass, const Args&... args) {
    const auto start = Clock::now();
    const int before = graph_->size();
    auto changed = pass(*graph_, args...);
    sweep(*changed);
    if (careful_) verify(*changed, name);
    report_.passes.push_back({std::string(name), seconds_since(start), before, changed->size()});
    if (options_.observe && to_text(*changed) != to_text(*graph_)) options_.observe(name, *changed);
    graph_ = std::move(changed);
  }

  std::unique_ptr<Graph> result() { return std::move(graph_); }

 private:
  std::unique_ptr<Graph> graph_;
  const CompileOptions& options_;
  CompileReport& report_;
  const bool careful_;
};

std::unique_ptr<Graph> run_passes(const Graph& graph, const CompileOptions& options, CompileReport& report, bool careful) {
  Runner run(graph, options, report, careful);
  const bool some = std::any_of(options.bfloat16_products_of.begin(), options.bfloat16_products_of.end(), [](const auto& layer) { return layer.second; });
  if (options.bfloat16_products || some) run("round operands", passes::round_operands, options.bfloat16_products, options.bfloat16_products_of);
  run("layout", passes::layout, options.transposed_states);
  run("simplify", passes::simplify);
  run("share", passes::share);
  run("drop deviations", passes::drop_deviations);
  run("merge scans", passes::merge_scans);
  run("simplify again", passes::simplify);  // sharing shows single uses
  run("max pooling", passes::max_pooling);
  run("rows", passes::rows);
  run("fuse pointwise", passes::fuse_pointwise);
  run("group gradients", passes::group_gradients);
  run("fuse sums", passes::fuse_sums);
  run("group updates", passes::group_updates);  // before epilogues: decision 0002
  run("fuse epilogue", passes::fuse_epilogue);
  run("schedule", passes::schedule);
  if (options.memory.kind() != Memory::Kind::speed) {
    run("recompute", passes::recompute, options.memory.bytes(), options.memory.kind() != Memory::Kind::less);
    run("schedule again", passes::schedule);  // copies read states too
  }
  return run.result();
}

}  // namespace

std::unique_ptr<Graph> optimize(const Graph& graph, const CompileOptions& options, CompileReport& report) {
  verify(graph, "tracing");
  if (!options.observe && !always_careful) {
    try {
      auto optimized = run_passes(graph, options, report, false);
      verify(*optimized, "the last pass");
      return optimized;
    } catch (const Error&) {  // once more, verified after each pass: which of them was it?
      report.passes.clear();
    }
  }
  return run_passes(graph, options, report, true);
}

namespace {

std::shared_ptr<const Program> compile_once(const Graph& graph, const CompileOptions& options) {
  const auto start = Clock::now();
  CompileReport report;
  const auto optimized = optimize(graph, options, report);
  auto program = std::make_shared<Program>(plan_program(*optimized, options));
  report.seconds = seconds_since(start);
  program->report = std::move(report);
  return program;
}

// The pass counts values; gaps between them, and what kernels need besides, show only in the plan. So it is asked for less until the
// plan fits.
std::shared_ptr<const Program> compile_to_fit(const Graph& graph, CompileOptions options) {
  const int64_t wanted = options.memory.bytes();
  int64_t least = std::numeric_limits<int64_t>::max(), asked = wanted;
  for (int attempt = 0; attempt < 5; ++attempt) {
    options.memory = asked;
    auto program = compile_once(graph, options);
    const auto got = static_cast<int64_t>(program->arena_bytes);
    if (got <= wanted) return program;
    if (got >= least && asked == 1) break;
    least = std::min(least, got);
    asked = attempt == 3 ? 1 : std::max<int64_t>(1, asked - (got - wanted));
  }
  throw ArgumentError(text("memory: ", wanted, " bytes were allowed, and what this step holds between its first and its last operation takes ", least,
                           " even if all that can be is computed again; allow more, or take smaller batches"));
}

}  // namespace

std::shared_ptr<const Program> compile(const Graph& graph, const CompileOptions& given) {
  CompileOptions options = given;
  const bool tunes = options.tune && !options.tuner;
  if (tunes) options.tuner = std::make_shared<Tuner>(options.machine, Tuner::Options{.reproducible = options.reproducible});
  auto program = options.memory.kind() == Memory::Kind::bytes ? compile_to_fit(graph, options) : compile_once(graph, options);
  if (tunes) options.tuner->keep();
  return program;
}

}  // namespace cornu
