// Rules about elements that only change their place.
#include <algorithm>

#include "cornu/compiler/simplify.h"

namespace cornu::passes {
namespace {

// What lies where along one axis of v, zeros elsewhere: the terms of a sum of pads, or of nothing else.
struct Padded {
  int64_t first;
  Value part;
};
bool padded_terms(Value v, std::optional<int64_t>& axis, std::vector<Padded>& terms) {
  if (made_by<add_op>(v)) return operand(v, 0).shape() == operand(v, 1).shape() && padded_terms(operand(v, 0), axis, terms) && padded_terms(operand(v, 1), axis, terms);
  const auto* p = made_by<Pad>(v);
  if (!p || p->value != 0 || terms.size() == 64) return false;
  for (size_t a = 0; a < p->before.size(); ++a) {
    if (p->between[a] != 0 || p->before[a] < 0 || p->after[a] < 0) return false;
    if (p->before[a] == 0 && p->after[a] == 0) continue;
    if (axis.value_or(static_cast<int64_t>(a)) != static_cast<int64_t>(a)) return false;
    axis = static_cast<int64_t>(a);
  }
  if (!axis) return false;
  terms.push_back({p->before[static_cast<size_t>(*axis)], operand(v, 0)});
  return true;
}

/// Transposes the first `leading` axes among themselves and leaves the others where they are.
bool within_leading(const Transpose& t, int leading) {
  for (size_t i = static_cast<size_t>(leading); i < t.axes.size(); ++i)
    if (t.axes[i] != static_cast<int64_t>(i)) return false;
  return true;
}

}  // namespace

std::optional<Value> pads_side_by_side(const Subject& s) {
  if (!s.op.as<add_op>() || s.in[0].shape() != s.in[1].shape()) return {};
  std::optional<int64_t> axis;
  std::vector<Padded> terms;
  if (!padded_terms(s.in[0], axis, terms) || !padded_terms(s.in[1], axis, terms)) return {};
  std::sort(terms.begin(), terms.end(), [](const Padded& a, const Padded& b) { return a.first < b.first; });
  std::vector<Value> parts;
  int64_t next = 0;
  for (const Padded& t : terms) {
    if (t.first != next) return {};
    next += t.part.shape()[static_cast<int>(*axis)];
    parts.push_back(t.part);
  }
  if (next != s.out.shape[static_cast<int>(*axis)]) return {};
  return concat(parts, static_cast<int>(*axis));
}

std::optional<Value> picks_in_order(const Subject& s) {
  if (const auto* t = s.op.as<Transpose>(); t && made_by<Gather>(s.in[0])) {
    const Value x = operand(s.in[0], 0), indices = operand(s.in[0], 1);
    const int leading = indices.shape().rank();
    if (leading == 0 || !within_leading(*t, leading)) return {};
    return gather(x, transpose(indices, {t->axes.begin(), t->axes.begin() + leading}));
  }
  if (const auto* scatter = s.op.as<ScatterAdd>()) {
    const auto* t = made_by<Transpose>(s.in[0]);
    const int leading = s.in[1].shape().rank();
    if (!t || leading == 0 || !within_leading(*t, leading)) return {};
    std::vector<int64_t> back(static_cast<size_t>(leading));
    for (size_t i = 0; i < back.size(); ++i) back[static_cast<size_t>(t->axes[i])] = static_cast<int64_t>(i);
    return scatter_add(operand(s.in[0], 0), transpose(s.in[1], back), scatter->rows);
  }
  return {};
}

}  // namespace cornu::passes
