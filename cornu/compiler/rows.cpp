// What is computed element by element from a product of matrices is computed on its rows and columns, whatever shape it has been given
// since: reshapes move behind it. Then bias, activation and residual meet the product itself, and can run on its blocks.
#include <algorithm>
#include <map>

#include "cornu/compiler/passes.h"
#include "cornu/compiler/pattern.h"

namespace cornu::passes {
namespace {

int64_t product_of(const Shape& s, int first, int last) {
  int64_t n = 1;
  for (int i = first; i < last; ++i) n *= s[i];
  return n;
}

/// Nodes whose results only states become, element by element: optimizers' updates. They stay in the shape of their state, where they
/// are grouped.
std::vector<bool> updates_of(const Graph& g) {
  std::vector<bool> update(g.nodes.size(), true), read(g.nodes.size(), false);
  for (const Assignment& a : g.assignments) read[static_cast<size_t>(a.value.node)] = true;
  for (const Value v : g.outputs) update[static_cast<size_t>(v.node)] = false;
  for (int i = g.size() - 1; i >= 0; --i) {
    const auto at = static_cast<size_t>(i);
    update[at] = update[at] && read[at] && g[i].op && g[i].op->properties().pointwise;
    for (const Value v : g[i].in) {
      read[static_cast<size_t>(v.node)] = true;
      if (!update[at]) update[static_cast<size_t>(v.node)] = false;
    }
  }
  return update;
}

class Rows {
 public:
  explicit Rows(const Graph& from) : from_(from), update_(updates_of(from)) {}

  std::optional<std::vector<Value>> operator()(Graph& to, const Node& node, Values in) {
    if (!node.op || node.out.size() != 1 || update_[static_cast<size_t>(&node - from_.nodes.data())]) return {};
    if (const auto* r = node.op->as<Reshape>(); r && made_by<Reshape>(in[0])) return std::vector{reshaped(operand(in[0], 0), r->shape)};
    if (node.op->as<Reduce>()) return reduce(node, in);
    if (!node.op->properties().pointwise) return {};
    if (node.out[0].shape.rank() == 2 || node.out[0].shape.elements() == 0) return {};  // without elements, rows do not tell themselves from columns
    const auto matrix = matrix_of(node, in);
    if (!matrix) return {};
    std::vector<Value> flat;
    for (const Value v : in) {
      const auto f = flattened(v, node.out[0].shape, matrix->shape());
      if (!f) return {};
      flat.push_back(*f);
    }
    return std::vector{reshape(to.add(*node.op, flat)[0], node.out[0].shape)};
  }

 private:
  static Value reshaped(Value v, const Shape& shape) { return v.shape() == shape ? v : reshape(v, shape); }

  /// The product of matrices, or what was made from one, that `v` is a reshape of.
  std::optional<Value> behind(Value v) {
    if (!made_by<Reshape>(v)) return {};
    const Value m = operand(v, 0);
    if (m.shape().rank() != 2 || !is_from_product(m)) return {};
    return m;
  }
  bool is_from_product(Value v) {
    const auto known = from_product_.find(v.node);
    if (known != from_product_.end()) return known->second;
    const auto in = node_of(v).in;
    const bool is = made_by<MatMul>(v) || (is_pointwise(v) && std::any_of(in.begin(), in.end(), [&](Value w) { return w.shape() == v.shape() && is_from_product(w); }));
    return from_product_[v.node] = is;
  }

  std::optional<Value> matrix_of(const Node& node, Values in) {
    for (const Value v : in)
      if (v.shape() == node.out[0].shape)
        if (const auto m = behind(v)) return m;
    return {};
  }

  /// `v`, which broadcasts to `whole`, as it broadcasts to `matrix`, which has as many elements; nothing where no reshape does that.
  std::optional<Value> flattened(Value v, const Shape& whole, const Shape& matrix) {
    const Shape s = v.shape();
    if (s == whole) return once(v, matrix);
    if (s.elements() == 1) return s.rank() <= 2 ? v : once(v, {});
    const int ahead = whole.rank() - s.rank();
    const auto size = [&](int axis) { return axis < ahead ? 1 : s[axis - ahead]; };
    const auto is_whole = [&](int first, int last) {
      for (int a = first; a < last; ++a)
        if (size(a) != whole[a]) return false;
      return true;
    };
    const auto is_stretched = [&](int first, int last) {
      for (int a = first; a < last; ++a)
        if (size(a) != 1) return false;
      return true;
    };
    for (int cut = 1; cut < whole.rank(); ++cut) {
      if (product_of(whole, 0, cut) != matrix[0]) continue;
      if (is_stretched(0, cut) && is_whole(cut, whole.rank())) return once(v, {matrix[1]});
      if (is_whole(0, cut) && is_stretched(cut, whole.rank())) return once(v, {matrix[0], 1});
    }
    return {};
  }

  /// reshape(v, shape): one for all that ask, so that chains see one operand.
  Value once(Value v, const Shape& shape) {
    if (made_by<Reshape>(v) && operand(v, 0).shape() == shape) return operand(v, 0);
    const auto [known, is_new] = reshapes_.try_emplace({v.node, v.output}, Value{});
    if (is_new || known->second.shape() != shape) known->second = reshape(v, shape);
    return known->second;
  }

  /// Over rows or columns.
  std::optional<std::vector<Value>> reduce(const Node& node, Values in) {
    const auto& r = *node.op->as<Reduce>();
    const auto matrix = behind(in[0]);
    if (!matrix || r.axes.empty()) return {};
    const Shape& whole = in[0].shape();
    const auto n = static_cast<int>(r.axes.size());
    const bool leading = r.axes.front() == 0 && r.axes.back() == n - 1, trailing = r.axes.front() == whole.rank() - n;
    int64_t axis = -1;
    if (leading && product_of(whole, 0, n) == matrix->dim(0)) axis = 0;
    else if (trailing && product_of(whole, whole.rank() - n, whole.rank()) == matrix->dim(1)) axis = 1;
    if (axis < 0 || whole.rank() == 2 || whole.elements() == 0) return {};
    Reduce how = r;
    how.axes = {axis}, how.keep_dims = false;
    return std::vector{reshaped(matrix->graph->add(how, std::vector{*matrix})[0], node.out[0].shape)};
  }

  const Graph& from_;
  std::vector<bool> update_;
  std::map<int, bool> from_product_;                // by node
  std::map<std::pair<int, int>, Value> reshapes_;  // the latest of each value
};

}  // namespace

NewGraph rows(const Graph& graph) {
  return rewrite(graph, [all = Rows(graph)](Graph& to, const Node& node, Values in) mutable { return all(to, node, in); });
}

}  // namespace cornu::passes
