// HeadAttention: attention of all heads as one op, whose kernels never store the scores.
#include "cornu/kernels/attention.h"

#include "cornu/graph/define_op.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

AttentionSize size_of(const HeadAttention& how, Types in) {
  const Shape &q = in[0].shape, &k = in[1].shape, &v = in[2].shape;
  return {.batch = q[0], .queries = q[1], .keys = k[1], .heads = q[2], .size = q[3], .values = v[3], .scale = how.scale, .causal = how.causal};
}

void fits(Types in, std::string_view name) {
  const Shape &q = in[0].shape, &k = in[1].shape, &v = in[2].shape;
  bool floats = true;
  for (const TensorType& t : in) floats = floats && is_float(t.dtype) && t.dtype == in[0].dtype;
  require<ShapeError>(floats, name, " computes in floats of one type, and was given ", in[0], ", ", in[1], " and ", in[2]);
  const bool fit = q.rank() == 4 && k.rank() == 4 && v.rank() == 4 && q[0] == k[0] && q[0] == v[0] && k[1] == v[1] && q[2] == k[2] && q[2] == v[2] && q[3] == k[3];
  require<ShapeError>(fit && k[1] > 0, name, " takes q [batch, queries, heads, size], k [batch, keys, heads, size] and v [batch, keys, heads, value size] with at least one key, and was given ", q, ", ", k, " and ", v);
}

Tensor numbers(Shape shape, int salt) {
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((static_cast<int>(i) * 37 + salt * 11) % 19 - 9) / 8;
  return Tensor(std::move(shape), values);
}
std::vector<Tensor> operands(int64_t queries, int64_t keys, int64_t size, int64_t values) {
  return {numbers({2, queries, 2, size}, 1), numbers({2, keys, 2, size}, 2), numbers({2, keys, 2, values}, 3)};
}

}  // namespace

Config to_config(const HeadAttention& how) { return fields_to_config(how); }
void from_config(const Config& c, HeadAttention& how) { fields_from_config(c, how, "head_attention"); }

struct HeadAttention::Rules : HeadAttention {
  static constexpr std::string_view name = "head_attention", doc = "softmax(scale q k') v of every head, and the logarithms of the sums of exponentials.";
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 3, name, " takes q, k and v, and was given ", in.size(), " inputs");
    fits(in, name);
    require(scale > 0, name, " takes a positive scale, and was given ", scale);
    const Shape& q = in[0].shape;
    return {{in[0].dtype, {q[0], q[1], q[2], in[2].shape[3]}}, {in[0].dtype, {q[0], q[1], q[2]}}};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const Value dy = d.grad[0] ? d.grad[0] : broadcast_to(scalar(d.out[0], 0), d.out[0].shape());
    std::vector<Value> in = {d.in[0], d.in[1], d.in[2], d.out[0], d.out[1], dy};
    if (d.grad[1]) in.push_back(d.grad[1]);
    return emit_all(HeadAttentionGradient{*this}, in);
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return attention_kernels(r.in[0].dtype, size_of(*this, r.in), r.machine); }
  static std::vector<Example> examples() {
    return {{HeadAttention{}, operands(3, 4, 2, 3)}, {HeadAttention{.scale = 0.5, .causal = true}, operands(5, 5, 3, 3)},
            {HeadAttention{.scale = 0.5, .causal = true}, operands(3, 5, 2, 1)}, {HeadAttention{.scale = 0.5, .causal = true}, operands(5, 2, 2, 1)},
            {HeadAttention{.scale = 0.25, .causal = true}, operands(20, 20, 17, 18)}};
  }
};
CORNU_DEFINE_OP(HeadAttention)

Value head_attention(Value q, Value k, Value v, HeadAttention how) { return emit(how, {q, k, v}); }

struct HeadAttentionGradient::Rules : HeadAttentionGradient {
  static constexpr std::string_view name = "head_attention_gradient", doc = "The backward pass of head_attention: dq, dk and dv.";
  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 6 || in.size() == 7, name, " takes q, k, v, y, logs, dy and perhaps dlogs, and was given ", in.size(), " inputs");
    fits(in, name);
    const std::vector<TensorType> out = cornu::rules<HeadAttention>().infer(&of, in.first(3));
    require<ShapeError>(in[3] == out[0] && in[4] == out[1] && in[5] == out[0] && (in.size() == 6 || in[6] == out[1]), name, ": y and dy are ", out[0], ", the logarithms and their gradient ", out[1],
                        ", and were given as ", in[3], ", ", in[5], " and ", in[4]);
    return {in[0], in[1], in[2]};
  }
  /// With u = dy v' - dy . y + dlogs, the op is dq = scale (p u) k, dk = scale (p u)' q, dv = p' dy. Given da, db, dc of the three, and
  /// m = scale (da k' + q db'), w = p (u m + dy dc'), r = p m, its own gradients are, for q scale (w k + (p u) db), for k
  /// scale (w' q + (p u)' da), for v r' dy, for y -sum(r) dy, for the logarithms -sum(w), for dy r v - sum(r) y + p dc, for dlogs sum(r).
  std::vector<Value> gradient(const Derivation& d) const {
    const auto by_head = [](Value x) { return transpose(x, {0, 2, 1, 3}); };
    const auto column = [](Value x) { return reshape(transpose(x, {0, 2, 1}), {x.dim(0), x.dim(2), x.dim(1), 1}); };
    const auto times = [](Value a, Value b) { return matmul(a, b, {.transpose_b = true}); };
    const auto within = [](Value a, Value b) { return matmul(a, b, {.transpose_a = true}); };
    const auto seed = [&](size_t i) { return by_head(d.grad[i] ? d.grad[i] : broadcast_to(scalar(d.in[i], 0), d.in[i].shape())); };
    const Value q = by_head(d.in[0]), k = by_head(d.in[1]), v = by_head(d.in[2]), y = by_head(d.in[3]), dy = by_head(d.in[5]);
    const Value da = seed(0), db = seed(1), dc = seed(2);
    Value scores = times(q, k) * of.scale;
    if (of.causal) {
      const Shape pairs{q.dim(2), k.dim(2)};
      const Value seen = greater_equal(iota(*q.graph, pairs, 0), iota(*q.graph, pairs, 1));
      scores = select(seen, scores, scalar(scores, -1e9));
    }
    const Value p = exp(scores - column(d.in[4]));
    Value u = times(dy, v) - sum(dy * y, {-1}, true);
    if (d.in.size() > 6) u = u + column(d.in[6]);
    const Value g = p * u, m = (times(da, k) + times(q, db)) * of.scale, w = p * (u * m + times(dy, dc)), r = p * m, total = sum(r, {-1}, true);
    const auto numbers_of = [](Value x) { return transpose(reshape(x, x.shape().drop_back()), {0, 2, 1}); };
    std::vector<Value> into = {by_head((matmul(w, k) + matmul(g, db)) * of.scale), by_head((within(w, q) + within(g, da)) * of.scale), by_head(within(r, dy)), by_head(-(total * dy)),
                               -numbers_of(sum(w, {-1}, true)), by_head(matmul(r, v) - total * y + matmul(p, dc))};
    if (d.in.size() > 6) into.push_back(numbers_of(total));
    return into;
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return attention_gradient_kernels(r.in[0].dtype, size_of(of, r.in), r.in.size() > 6, r.machine); }
  static std::vector<Example> examples() {
    std::vector<Example> all;
    for (const bool causal : {false, true})
      for (const bool with_logs : {false, true}) {
        std::vector<Tensor> in = operands(4, 4, 2, 3);
        in.push_back(numbers({2, 4, 2, 3}, 4));
        in.push_back(Tensor({2, 4, 2}, std::vector<double>(16, 3.0)));
        in.push_back(numbers({2, 4, 2, 3}, 5));
        if (with_logs) in.push_back(numbers({2, 4, 2}, 6));
        all.push_back({HeadAttentionGradient{{.scale = 0.5, .causal = causal}}, in});
      }
    return all;
  }
};
CORNU_DEFINE_OP(HeadAttentionGradient)

}  // namespace cornu
