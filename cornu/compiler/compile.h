// From a graph to a Program.
#pragma once
#include <limits>
#include <map>
#include <set>

#include "cornu/compiler/memory.h"
#include "cornu/graph/graph.h"
#include "cornu/runtime/program.h"

namespace cornu {

class Tuner;

struct CompileOptions {
  Machine machine = this_machine();
  /// States whose memory holds the transpose of what the graph calls them: see layout.cpp. Fixed once per model.
  std::set<std::string> transposed_states = {};
  /// Mixed precision: operands of products are rounded to bfloat16, see round_operands.cpp.
  bool bfloat16_products = false;
  std::map<std::string, bool> bfloat16_products_of = {};  // of layers, by Node::where, that differ from that
  /// Inputs from this one on are the same in many runs: of the body of a scan, what it captures.
  int steady_inputs = std::numeric_limits<int>::max();
  /// Time for memory: see memory.h.
  Memory memory = {};
  /// Tries the kernels that ops offer, for at most 200 ms: see tuner.h. The choice never changes a bit if `reproducible`.
  bool tune = false;
  bool reproducible = true;
  std::shared_ptr<Tuner> tuner = {};  // that graphs inside this one are tuned by; `compile` makes it
  /// Called with each pass's name and the graph after it, when it changed something.
  std::function<void(std::string_view pass, const Graph& after)> observe = {};
};

/// Compiles `graph` for `options.machine`. The graph itself is not changed. Throws ArgumentError where it cannot be made as small
/// as `options.memory` says.
std::shared_ptr<const Program> compile(const Graph& graph, const CompileOptions& options = {});

/// All of the passes that rewrite graphs, none of those that make the Program: what the compiler's tests read.
std::unique_ptr<Graph> optimize(const Graph& graph, const CompileOptions& options, CompileReport& report);

/// The states that are best kept transposed, judged by their uses in `graph`: independent of the batch size.
std::set<std::string> choose_transposed_states(const Graph& graph);

}  // namespace cornu
