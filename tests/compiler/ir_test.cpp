// Compiler tests are text: each *.ir file names passes and holds graphs before and after them.
//
//   passes: simplify, share
//   transposed: dense/kernel        (optional: for layout)
//   ---- before
//   x: input float32[2]
//   ...
//   ---- after
//   ...
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cornu/compiler/passes.h"
#include "cornu/graph/text.h"
#include "cornu/ops/catalogue.h"
#include "cornu/ops/fused.h"

namespace cornu {
namespace {

const OpRules* find_any(std::string_view name) {
  if (const OpRules* op = find_op(name)) return op;
  for (const OpRules* op : compiler_ops())
    if (op->name == name) return op;
  return nullptr;
}

std::unique_ptr<Graph> apply(const std::string& pass, const Graph& g, const std::set<std::string>& transposed) {
  using Pass = passes::NewGraph (*)(const Graph&);
  const std::map<std::string, Pass> known = {{"simplify", passes::simplify}, {"share", passes::share}, {"merge scans", passes::merge_scans}, {"round operands", +[](const Graph& all) { return passes::round_operands(all, true, {}); }},
                                             {"max pooling", passes::max_pooling}, {"drop deviations", passes::drop_deviations}, {"fuse sums", passes::fuse_sums}, {"rows", passes::rows}, {"group gradients", passes::group_gradients}, {"fuse pointwise", passes::fuse_pointwise}, {"fuse epilogue", passes::fuse_epilogue},
                                             {"group updates", passes::group_updates}, {"schedule", passes::schedule},
                                             {"recompute", +[](const Graph& all) { return passes::recompute(all, 0, false); }}, {"recompute all", +[](const Graph& all) { return passes::recompute(all, 0, true); }}};
  const auto changed = pass == "layout" ? passes::layout(g, transposed) : known.at(pass)(g);
  auto swept = rewrite(*changed, nullptr);
  verify(*swept, pass);
  return swept;
}

std::vector<std::string> list(const std::string& line) {
  std::vector<std::string> items;
  std::stringstream in(line);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item.substr(item.find_first_not_of(' ')));
  return items;
}

}  // namespace

TEST_CASE("passes turn the graphs of tests/compiler/*.ir into what stands there") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CORNU_SOURCE_DIR "/tests/compiler")) {
    if (entry.path().extension() != ".ir") continue;
    ++files;
    CAPTURE(entry.path().filename().string());
    std::ifstream in(entry.path());
    std::string line, head, before, after;
    std::string* part = nullptr;
    std::vector<std::string> passes;
    std::set<std::string> transposed;
    while (std::getline(in, line)) {
      if (part != &after && line != "---- after") head += line + "\n";
      if (line.starts_with("passes: ")) passes = list(line.substr(8));
      else if (line.starts_with("transposed: ")) for (const auto& s : list(line.substr(12))) transposed.insert(s);
      else if (line == "---- before") part = &before;
      else if (line == "---- after") part = &after;
      else if (part && !line.starts_with("#")) *part += line + "\n";
    }
    auto g = parse_graph(before, find_any);
    for (const std::string& pass : passes) g = apply(pass, *g, transposed);
    CHECK(to_text(*g) == after);
    // CORNU_UPDATE_IR=1 writes what came out into the file, for review with git diff.
    if (std::getenv("CORNU_UPDATE_IR")) std::ofstream(entry.path()) << head << "---- after\n" << to_text(*g);
  }
  CHECK(files >= 8);
}

}  // namespace cornu
