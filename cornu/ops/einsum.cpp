// einsum: an equation becomes transposes, matrix products and sums. Operands are taken in pairs, from left to right; a pair
// with a common summed axis is one (batched) matmul, read transposed where that saves a copy.
#include <algorithm>
#include <cctype>
#include <map>

#include "cornu/ops/ops.h"

namespace cornu {
namespace {

/// A letter, or a negative number: the axes under "..." counted from their end.
using Label = int;
using Labels = std::vector<Label>;

struct Operand {
  Value value;
  Labels labels;  // of its axes
};

bool holds(const Labels& labels, Label l) { return std::find(labels.begin(), labels.end(), l) != labels.end(); }
int64_t position(const Labels& labels, Label l) { return std::find(labels.begin(), labels.end(), l) - labels.begin(); }

Value in_order(const Operand& x, const Labels& order) {
  std::vector<int64_t> axes;
  for (const Label l : order) axes.push_back(position(x.labels, l));
  return axes.empty() ? x.value : transpose(x.value, axes);
}

int64_t size_of(const Operand& x, Label l) { return x.value.shape()[static_cast<int>(position(x.labels, l))]; }
Shape sizes_of(const Operand& x, const Labels& labels) {
  Shape shape;
  for (const Label l : labels) shape.push_back(size_of(x, l));
  return shape;
}

/// Sums over the labels that `keep` lacks.
Operand summed(const Operand& x, const Labels& keep) {
  std::vector<int64_t> axes;
  Labels left;
  for (size_t i = 0; i < x.labels.size(); ++i)
    if (holds(keep, x.labels[i])) left.push_back(x.labels[i]);
    else axes.push_back(static_cast<int64_t>(i));
  return axes.empty() ? x : Operand{sum(x.value, axes), left};
}

/// x[..., i, ..., i, ...] -> x[..., i]: every (n + 1)th element of the n x n that the two axes span.
Operand diagonals(Operand x) {
  for (size_t i = 0; i < x.labels.size(); ++i) {
    const auto again = std::find(x.labels.begin() + static_cast<long>(i) + 1, x.labels.end(), x.labels[i]);
    if (again == x.labels.end()) continue;
    const auto second = static_cast<size_t>(again - x.labels.begin());
    std::vector<int64_t> axes;
    Labels labels;
    for (size_t a = 0; a < x.labels.size(); ++a)
      if (a != i && a != second) axes.push_back(static_cast<int64_t>(a)), labels.push_back(x.labels[a]);
    labels.push_back(x.labels[i]);
    axes.push_back(static_cast<int64_t>(i));
    axes.push_back(static_cast<int64_t>(second));
    const Value both = transpose(x.value, axes);
    const int64_t n = both.dim(-1);
    Shape flat = both.shape().drop_back(2) + Shape{n * n};
    std::vector<int64_t> step(flat.sizes().size(), 1);
    step.back() = n + 1;
    return diagonals({slice(reshape(both, flat), std::vector<int64_t>(flat.sizes().size(), 0), flat.sizes(), step), labels});
  }
  return x;
}

Labels sorted_by(Labels labels, const Labels& order) {
  std::stable_sort(labels.begin(), labels.end(), [&](Label a, Label b) { return position(order, a) < position(order, b); });
  return labels;
}

/// What it costs to bring x's axes into this order: nothing, a copy of rows, a copy of single elements.
int cost(const Operand& x, const Labels& order) { return x.labels == order ? 0 : x.labels.back() == order.back() ? 1 : 2; }

/// One side of a matrix product.
struct Side {
  Operand x;
  Labels free;
  bool transposed = false;  // the summed axes are on the outside

  Labels order(const Labels& batch, const Labels& inner, bool left, bool flip) const {
    Labels all = batch;
    const bool inner_last = left != flip;
    all.insert(all.end(), (inner_last ? free : inner).begin(), (inner_last ? free : inner).end());
    all.insert(all.end(), (inner_last ? inner : free).begin(), (inner_last ? inner : free).end());
    return all;
  }
  int cheapest(const Labels& batch, const Labels& inner, bool left) const {
    return std::min(cost(x, order(batch, inner, left, false)), cost(x, order(batch, inner, left, true)));
  }
  /// [batch..., free, inner], or as the cheaper transpose of that.
  Value matrix(const Labels& batch, const Labels& inner, bool left) {
    transposed = cost(x, order(batch, inner, left, true)) < cost(x, order(batch, inner, left, false));
    const Value v = in_order(x, order(batch, inner, left, transposed));
    const int64_t outer = sizes_of(x, free).elements(), summed_over = sizes_of(x, inner).elements();
    return reshape(v, sizes_of(x, batch) + (left != transposed ? Shape{outer, summed_over} : Shape{summed_over, outer}));
  }
};

Operand product(const Operand& a, const Operand& b, const Labels& batch, const Labels& inner, Labels a_free, Labels b_free, const Labels& order) {
  Side left{a, sorted_by(std::move(a_free), order)}, right{b, sorted_by(std::move(b_free), order)};
  const auto first = [&](const Side& s) { return s.free.empty() ? int64_t{0} : position(order, s.free[0]); };
  if (!right.free.empty() && first(right) < first(left)) std::swap(left, right);
  // The summed axes may come in the order of either side.
  Labels other;
  for (const Label l : right.x.labels)
    if (holds(inner, l)) other.push_back(l);
  Labels own;
  for (const Label l : left.x.labels)
    if (holds(inner, l)) own.push_back(l);
  const auto total = [&](const Labels& summed_axes) { return left.cheapest(batch, summed_axes, true) + right.cheapest(batch, summed_axes, false); };
  const Labels& chosen = total(other) < total(own) ? other : own;
  const Value l = left.matrix(batch, chosen, true), r = right.matrix(batch, chosen, false);
  const Value y = matmul(l, r, {.transpose_a = left.transposed, .transpose_b = right.transposed});
  Labels labels = batch;
  labels.insert(labels.end(), left.free.begin(), left.free.end());
  labels.insert(labels.end(), right.free.begin(), right.free.end());
  return {reshape(y, y.shape().drop_back(2) + sizes_of(left.x, left.free) + sizes_of(right.x, right.free)), labels};
}

/// x with an axis for each of `order`, of size one where it has none.
Value spread(const Operand& x, const Labels& order) {
  Labels own;
  Shape shape;
  for (const Label l : order) {
    if (holds(x.labels, l)) own.push_back(l);
    shape.push_back(holds(x.labels, l) ? size_of(x, l) : 1);
  }
  return reshape(in_order(x, own), shape);
}

/// a b, summed over what `keep` lacks.
Operand contracted(Operand a, Operand b, const Labels& keep, const Labels& order) {
  Labels needed_of_a = keep, needed_of_b = keep;
  needed_of_a.insert(needed_of_a.end(), b.labels.begin(), b.labels.end());
  needed_of_b.insert(needed_of_b.end(), a.labels.begin(), a.labels.end());
  a = summed(a, needed_of_a);
  b = summed(b, needed_of_b);
  Labels batch, inner, a_free, b_free;
  for (const Label l : a.labels) (!holds(b.labels, l) ? a_free : holds(keep, l) ? batch : inner).push_back(l);
  for (const Label l : b.labels)
    if (!holds(a.labels, l)) b_free.push_back(l);
  batch = sorted_by(std::move(batch), order);
  if (!inner.empty() && !(a_free.empty() && b_free.empty())) return product(a, b, batch, inner, std::move(a_free), std::move(b_free), order);
  Labels all = a.labels;
  all.insert(all.end(), b_free.begin(), b_free.end());
  all = sorted_by(std::move(all), order);
  return summed({spread(a, all) * spread(b, all), all}, keep);
}

/// The text of an equation, read.
struct Equation {
  std::string text_;
  std::vector<std::string> in;
  std::optional<std::string> out;

  explicit Equation(const std::string& equation) {
    for (const char c : equation)
      if (c != ' ') text_ += c;
    std::string left = text_;
    if (const size_t arrow = text_.find("->"); arrow != std::string::npos) {
      left = text_.substr(0, arrow);
      out = text_.substr(arrow + 2);
    }
    for (size_t from = 0;;) {
      const size_t comma = left.find(',', from);
      in.push_back(left.substr(from, comma - from));
      if (comma == std::string::npos) break;
      from = comma + 1;
    }
  }
  /// Labels of a term whose "..." stands for `under` axes.
  Labels labels(const std::string& term, int under) const {
    Labels l;
    for (size_t i = 0; i < term.size(); ++i) {
      if (term.compare(i, 3, "...") == 0) {
        for (int k = under; k > 0; --k) l.push_back(-k);
        i += 2;
      } else {
        require(std::isalpha(static_cast<unsigned char>(term[i])) != 0, "einsum: '", printable(text_), "' is no equation; one reads like ij,jk->ik or ...i,ij->...j");
        l.push_back(term[i]);
      }
    }
    return l;
  }
};

}  // namespace

Value einsum(const std::string& equation, std::vector<Value> values) {
  const Equation e(equation);
  require<ShapeError>(e.in.size() == values.size(), "einsum: '", printable(equation), "' has ", e.in.size(), " operands, and ", values.size(), " were given");
  std::vector<Operand> operands;
  std::map<Label, int64_t> sizes;
  std::map<Label, int> count;
  int most = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const int letters = static_cast<int>(e.labels(e.in[i], 0).size()), rank = values[i].shape().rank();
    const bool dots = e.in[i].find("...") != std::string::npos;
    require<ShapeError>(dots ? letters <= rank : letters == rank, "einsum: '", e.in[i], "' in '", printable(equation), "' does not name the axes of ", values[i].shape());
    const int under = rank - letters;
    most = std::max(most, under);
    operands.push_back({values[i], e.labels(e.in[i], under)});
    for (size_t a = 0; a < operands[i].labels.size(); ++a) {
      const Label l = operands[i].labels[a];
      const int64_t size = values[i].shape()[static_cast<int>(a)];
      int64_t& known = sizes.try_emplace(l, size).first->second;
      require<ShapeError>(known == size || (l < 0 && (known == 1 || size == 1)), "einsum: '", printable(equation), "': ", l < 0 ? std::string("an axis under ...") : std::string(1, static_cast<char>(l)),
                          " has size ", known, " in one operand and ", size, " in another");
      if (known == 1) known = size;
      ++count[l];
    }
    operands[i] = diagonals(operands[i]);
  }
  Labels out;
  if (e.out) {
    require(most == 0 || e.out->find("...") != std::string::npos, "einsum: the output of '", printable(equation), "' needs ... for the axes that operands have under it");
    out = e.labels(*e.out, most);
  } else {
    for (int k = most; k > 0; --k) out.push_back(-k);
    for (const auto& [l, times] : count)
      if (l > 0 && times == 1) out.push_back(l);
  }
  for (const Label l : out) {
    require(sizes.contains(l), "einsum: the output of '", printable(equation), "' names '", std::string(1, static_cast<char>(l)), "', which no operand has");
    require(std::count(out.begin(), out.end(), l) == 1, "einsum: the output of '", printable(equation), "' names an axis twice");
  }
  Operand all = operands[0];
  for (size_t i = 1; i < operands.size(); ++i) {
    Labels keep = out;
    for (size_t k = i + 1; k < operands.size(); ++k) keep.insert(keep.end(), operands[k].labels.begin(), operands[k].labels.end());
    all = contracted(all, operands[i], keep, out);
  }
  return in_order(summed(all, out), out);
}

}  // namespace cornu
