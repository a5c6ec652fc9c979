#include "cornu/runtime/program.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>

#include "cornu/base/error.h"

namespace cornu {
namespace {

int find(const std::vector<ProgramValue>& values, std::string_view name, std::string_view what) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].name == name) return static_cast<int>(i);
    names.push_back(values[i].name);
  }
  throw ArgumentError(text("the program has no ", what, " '", name, "'", did_you_mean(name, names)));
}

template <class... Args> std::string format(const char* how, Args... args) {
  char line[256];
  return {line, static_cast<size_t>(std::snprintf(line, sizeof line, how, args...))};
}

}  // namespace

int Program::input(std::string_view name) const { return find(inputs, name, "input"); }
int Program::state(std::string_view name) const { return find(states, name, "state"); }

std::string to_text(const Program& p) {
  std::string out = text("program: ", p.steps.size(), " steps, arena ", p.arena_bytes, " bytes, scratch ", p.scratch_bytes, " bytes a thread\n");
  for (size_t i = 0; i < p.steps.size(); ++i) {
    const ProgramStep& s = p.steps[i];
    size_t bytes = 0;
    std::string types;
    for (const TensorType& t : s.in) types += text(types.empty() ? "" : ", ", t), bytes += t.bytes();
    types += " ->";
    for (const TensorType& t : s.out) types += text(" ", t), bytes += t.bytes();
    int slices = 1;
    for (const Phase& phase : s.kernel.phases) slices = std::max(slices, phase.slices);
    out += text(format("%3zu  ", i), s.op, "  [", s.kernel.name, "]  ", types, "  slices ", slices, "  bytes ", bytes);
    for (size_t k = s.in.size(); k < s.in.size() + s.out.size(); ++k) {
      const Buffer& b = p.buffers[static_cast<size_t>(s.buffers[k])];
      out += b.home == Buffer::Home::arena ? text("  @", b.place) : text("  =", b.home == Buffer::Home::state ? p.states[b.place].name : "?");
    }
    out += s.where.empty() ? "\n" : text("  # ", s.where, "\n");
  }
  return out;
}

std::string to_text(const Profile& profile, const Program& p) {
  const double total = std::accumulate(profile.seconds.begin(), profile.seconds.end(), 0.0);
  const double runs = static_cast<double>(std::max<int64_t>(1, profile.runs));
  std::vector<size_t> order(profile.seconds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return profile.seconds[a] > profile.seconds[b]; });
  std::string out = format("%lld runs, %.2f us each\n", static_cast<long long>(profile.runs), total / runs * 1e6);
  std::map<std::string, double> layers;
  for (const size_t i : order) {
    const ProgramStep& s = p.steps[i];
    layers[s.where.empty() ? "(training)" : s.where] += profile.seconds[i];
    out += format("%9.2f us %5.1f%%  ", profile.seconds[i] / runs * 1e6, 100 * profile.seconds[i] / total) + text(s.op, "  [", s.kernel.name, "]") +
           (s.where.empty() ? "\n" : text("  # ", s.where, "\n"));
  }
  out += "by layer\n";
  for (const auto& [layer, seconds] : layers) out += format("%9.2f us %5.1f%%  ", seconds / runs * 1e6, 100 * seconds / total) + layer + "\n";
  return out;
}

}  // namespace cornu
