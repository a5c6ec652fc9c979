// The peephole: which neighbouring steps of a chain become one instruction.
#include <map>
#include <utility>

#include "cornu/ops/tile_code.h"

namespace cornu {
namespace {

class Matcher {
 public:
  Matcher(const Fused& fused, Types types) : fused_(fused), types_(types) {
    for (const FusedStep& s : fused.steps) {
      ops_.push_back(pointwise_of(s.op));
      for (const int v : s.operands) ++uses_[v];
    }
    for (const int v : fused.outputs) ++uses_[v];
    taken_.assign(fused.steps.size(), false);
  }

  std::vector<std::optional<SuperMatch>> all() {
    std::vector<std::optional<SuperMatch>> found(fused_.steps.size());
    for (int i = static_cast<int>(fused_.steps.size()) - 1; i >= 0; --i) {
      if (taken_[static_cast<size_t>(i)] || !is_float32(fused_.inputs + i)) continue;
      if (auto match = at(i)) {
        for (const int s : match->absorbed) taken_[static_cast<size_t>(s)] = true;
        found[static_cast<size_t>(i)] = std::move(match);
      }
    }
    return found;
  }

 private:
  bool is_float32(int value) const { return lane_of(types_[static_cast<size_t>(value)].dtype) == Lane::f32 && is_float(types_[static_cast<size_t>(value)].dtype); }
  const std::vector<int>& operands(int step) const { return fused_.steps[static_cast<size_t>(step)].operands; }

  /// The step that makes `value`, if it is this op and nothing else reads it.
  std::optional<int> made_by(int value, Pointwise op) const {
    const int step = value - fused_.inputs;
    if (step < 0 || ops_[static_cast<size_t>(step)] != op || uses_.at(value) != 1 || taken_[static_cast<size_t>(step)]) return {};
    return step;
  }
  SuperMatch super(SuperOp op, std::vector<int> operands, std::vector<int> absorbed) const { return {op, std::move(operands), std::move(absorbed)}; }

  struct Product {
    int a, b, step;
  };
  std::optional<Product> product(int value) const {
    if (const auto m = made_by(value, Pointwise::multiply)) return Product{operands(*m)[0], operands(*m)[1], *m};
    if (const auto s = made_by(value, Pointwise::square)) return Product{operands(*s)[0], operands(*s)[0], *s};
    return {};
  }

  struct RootPlus {
    int root, plus;
    std::vector<int> steps;
  };
  std::optional<RootPlus> root_plus(int value) const {
    const auto add = made_by(value, Pointwise::add);
    if (!add) return {};
    for (const int k : {0, 1})
      if (const auto root = made_by(operands(*add)[static_cast<size_t>(k)], Pointwise::sqrt))
        return RootPlus{operands(*root)[0], operands(*add)[static_cast<size_t>(1 - k)], {*add, *root}};
    return {};
  }

  std::optional<SuperMatch> at(int i) const {
    const auto& in = operands(i);
    switch (ops_[static_cast<size_t>(i)].value_or(Pointwise::negative)) {
      case Pointwise::add: return add(in[0], in[1]);
      case Pointwise::subtract: return subtract(in[0], in[1]);
      case Pointwise::divide:
        if (auto r = root_plus(in[1])) return super(SuperOp::divide_sqrt_add, {in[0], r->root, r->plus}, r->steps);
        return {};
      case Pointwise::relu:
        if (const auto s = made_by(in[0], Pointwise::add)) return super(SuperOp::add_relu, operands(*s), {*s});
        return {};
      default: return {};
    }
  }

  std::optional<SuperMatch> add(int left, int right) const {
    for (const auto& [a, p] : {std::pair{left, right}, std::pair{right, left}}) {
      const auto m = product(p);
      if (!m) continue;
      for (const auto& [difference, c] : {std::pair{m->a, m->b}, std::pair{m->b, m->a}}) {  // a + (b - a) c
        const auto s = made_by(difference, Pointwise::subtract);
        if (!s || operands(*s)[1] != a) continue;
        if (const auto square = product(operands(*s)[0]); square && square->a == square->b)
          return super(SuperOp::interpolate_square, {a, square->a, c}, {m->step, *s, square->step});
        return super(SuperOp::interpolate, {a, operands(*s)[0], c}, {m->step, *s});
      }
    }
    for (const auto& [c, p] : {std::pair{left, right}, std::pair{right, left}})
      if (const auto m = product(p)) return super(SuperOp::multiply_add, {m->a, m->b, c}, {m->step});
    for (const auto& [r, c] : {std::pair{left, right}, std::pair{right, left}})
      if (const auto root = made_by(r, Pointwise::sqrt)) return super(SuperOp::sqrt_add, {operands(*root)[0], c}, {*root});
    return {};
  }

  std::optional<SuperMatch> subtract(int a, int b) const {
    if (const auto quotient = made_by(b, Pointwise::divide)) {
      const auto m = made_by(operands(*quotient)[0], Pointwise::multiply);
      auto r = root_plus(operands(*quotient)[1]);
      if (m && r) {
        r->steps.insert(r->steps.end(), {*quotient, *m});
        return super(SuperOp::scaled_step, {a, operands(*m)[0], operands(*m)[1], r->root, r->plus}, r->steps);
      }
    }
    if (const auto m = product(b)) return super(SuperOp::subtract_product, {m->a, m->b, a}, {m->step});
    if (const auto m = product(a)) return super(SuperOp::multiply_subtract, {m->a, m->b, b}, {m->step});
    return {};
  }

  const Fused& fused_;
  Types types_;
  std::vector<std::optional<Pointwise>> ops_;
  std::map<int, int> uses_;
  std::vector<bool> taken_;
};

}  // namespace

std::vector<std::optional<SuperMatch>> super_ops(const Fused& fused, Types types) { return Matcher(fused, types).all(); }

}  // namespace cornu
