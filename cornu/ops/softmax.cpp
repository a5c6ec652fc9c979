// Softmax, its logarithm, and cross entropy against labels or distributions, along the last axis.
#include "cornu/graph/define_op.h"
#include "cornu/kernels/softmax.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

Rows rows_of(const TensorType& t) { return {t.shape.drop_back().elements(), t.shape[t.shape.rank() - 1]}; }

/// x[...] as x[..., 1].
Value column(Value x) { return reshape(x, x.shape() + Shape{1}); }
Value row_sums(Value x) { return sum(x, {-1}, true); }

/// d(softmax)/dx applied to dp, from p = softmax(x):  p (dp - sum(dp p)).
Value through_softmax(Value p, Value dp) { return p * (dp - row_sums(dp * p)); }

/// Adds what there is.
Value total(Value a, Value b) { return !a ? b : !b ? a : a + b; }

void has_classes(const TensorType& x, std::string_view name) {
  require<ShapeError>(is_float(x.dtype), name, " computes in floats, but was given ", x, "; cast it to float32");
  require<ShapeError>(x.shape.rank() >= 1, name, " needs an axis of classes, but was given ", x);
}

void has_labels(const TensorType& logits, const TensorType& labels, std::string_view name) {
  require<ShapeError>(is_integer(labels.dtype), name, ": labels are integers, but were given as ", labels, "; cast them to int32");
  require<ShapeError>(labels.shape == logits.shape.drop_back(), name, ": labels ", labels, " do not fit the classes ", logits, "; they need the shape ",
                      logits.shape.drop_back());
}

void has_target(const TensorType& logits, const TensorType& target, std::string_view name) {
  require<ShapeError>(target == logits, name, ": the target ", target, " should be of the same type as ", logits);
}

void has_inputs(Types in, size_t n, std::string_view name, std::string_view what) {
  require<ShapeError>(in.size() == n, name, " takes ", what, ", but was given ", in.size(), " inputs");
}

const Tensor& logits() {
  static const Tensor x({3, 4}, std::vector<double>{1, -2, 0.5, 3, 0, 0, 0, 0, -1.5, 2.25, 2, -0.75});
  return x;
}
Tensor probabilities() { return Tensor({3, 4}, std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.25, 0.25, 0.25, 0.25, 0.7, 0.1, 0.15, 0.05}); }
Tensor target() { return Tensor({3, 4}, std::vector<double>{0, 1, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.25, 0, 0.25}); }
Tensor labels() { return Tensor({3}, std::vector<int32_t>{3, 0, 2}); }
Tensor dloss() { return Tensor({3}, std::vector<double>{1, -0.5, 2}); }

}  // namespace

// ---- softmax

struct Softmax::Rules : Softmax {
  static constexpr std::string_view name = "softmax", doc = "exp(x) / sum(exp(x)) along the last axis.";
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 1, name, "one input");
    has_classes(in[0], name);
    return {in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {through_softmax(d.out[0], d.grad[0])}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return softmax_kernels(r.in[0].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{Softmax{}, {logits()}}, {Softmax{}, {logits().reshaped({2, 2, 3})}}, {Softmax{}, {logits().reshaped({12})}}, {Softmax{}, {logits().reshaped({12, 1})}}};
  }
};
CORNU_DEFINE_OP(Softmax)

Value softmax(Value x) { return emit(Softmax{}, {x}); }

struct LogSoftmax::Rules : LogSoftmax {
  static constexpr std::string_view name = "log_softmax", doc = "x - log(sum(exp(x))) along the last axis.";
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 1, name, "one input");
    has_classes(in[0], name);
    return {in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const { return {d.grad[0] - softmax(d.in[0]) * row_sums(d.grad[0])}; }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return log_softmax_kernels(r.in[0].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{LogSoftmax{}, {logits()}}, {LogSoftmax{}, {logits().reshaped({2, 3, 2})}}, {LogSoftmax{}, {logits().reshaped({12})}}};
  }
};
CORNU_DEFINE_OP(LogSoftmax)

Value log_softmax(Value x) { return emit(LogSoftmax{}, {x}); }

// ---- cross entropy

struct SparseSoftmaxCrossEntropy::Rules : SparseSoftmaxCrossEntropy {
  static constexpr std::string_view name = "sparse_softmax_cross_entropy", doc = "-log(softmax(logits)[label]) and softmax(logits); NaN for a label that is no class.";
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 2, name, "logits and labels");
    has_classes(in[0], name);
    has_labels(in[0], in[1], name);
    return {{in[0].dtype, in[1].shape}, in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    Value dlogits, p = d.out[1];
    if (d.grad[0]) dlogits = emit(SparseSoftmaxCrossEntropyGradient{}, {p, d.in[1], d.grad[0]});
    if (d.grad[1]) dlogits = total(dlogits, through_softmax(p, d.grad[1]));
    return {dlogits, {}};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return sparse_cross_entropy_kernels(r.in[0].dtype, r.in[1].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{SparseSoftmaxCrossEntropy{}, {logits(), labels()}},
            {SparseSoftmaxCrossEntropy{}, {logits().reshaped({2, 2, 3}), Tensor({2, 2}, std::vector<uint8_t>{2, 0, 1, 1})}},
            {SparseSoftmaxCrossEntropy{}, {logits().reshaped({12}), Tensor(Shape{}, std::vector<int64_t>{7})}}};
  }
};
CORNU_DEFINE_OP(SparseSoftmaxCrossEntropy)

Value sparse_softmax_cross_entropy(Value x, Value y) { return emit(SparseSoftmaxCrossEntropy{}, {x, y}); }

struct SoftmaxCrossEntropy::Rules : SoftmaxCrossEntropy {
  static constexpr std::string_view name = "softmax_cross_entropy", doc = "-sum(target log(softmax(logits))) and softmax(logits).";
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 2, name, "logits and a target");
    has_classes(in[0], name);
    has_target(in[0], in[1], name);
    return {{in[0].dtype, in[0].shape.drop_back()}, in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    Value dlogits, dtarget;
    const Value p = d.out[1];
    if (d.grad[0]) {
      dlogits = emit(SoftmaxCrossEntropyGradient{}, {p, d.in[1], d.grad[0]});
      dtarget = -(column(d.grad[0]) * log_softmax(d.in[0]));
    }
    if (d.grad[1]) dlogits = total(dlogits, through_softmax(p, d.grad[1]));
    return {dlogits, dtarget};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return cross_entropy_kernels(r.in[0].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{SoftmaxCrossEntropy{}, {logits(), probabilities()}}, {SoftmaxCrossEntropy{}, {logits().reshaped({12}), probabilities().reshaped({12})}}};
  }
};
CORNU_DEFINE_OP(SoftmaxCrossEntropy)

Value softmax_cross_entropy(Value x, Value y) { return emit(SoftmaxCrossEntropy{}, {x, y}); }

// ---- their backward passes. Each is linear in dloss; its own gradients are those of the formula in its doc.

struct SparseSoftmaxCrossEntropyGradient::Rules : SparseSoftmaxCrossEntropyGradient {
  static constexpr std::string_view name = "sparse_softmax_cross_entropy_gradient", doc = "dloss (probabilities - one_hot(labels)).";
  static constexpr Properties properties() { return {.in_place = {{0, 0}}}; }
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 3, name, "probabilities, labels and dloss");
    has_classes(in[0], name);
    has_labels(in[0], in[1], name);
    require<ShapeError>(in[2] == TensorType{in[0].dtype, in[1].shape}, name, ": dloss ", in[2], " should be one number for each label ", in[1]);
    return {in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const Value p = d.in[0], g = d.grad[0];
    return {g * column(d.in[2]), {}, sum(g * (p - one_hot(d.in[1], p.dim(-1), p.dtype())), {-1})};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return sparse_cross_entropy_gradient_kernels(r.in[0].dtype, r.in[1].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{SparseSoftmaxCrossEntropyGradient{}, {probabilities(), labels(), dloss()}},
            {SparseSoftmaxCrossEntropyGradient{}, {probabilities().reshaped({12}), Tensor(Shape{}, std::vector<int64_t>{7}), Tensor(Shape{}, std::vector<double>{-2})}}};
  }
};
CORNU_DEFINE_OP(SparseSoftmaxCrossEntropyGradient)

struct SoftmaxCrossEntropyGradient::Rules : SoftmaxCrossEntropyGradient {
  static constexpr std::string_view name = "softmax_cross_entropy_gradient", doc = "dloss (probabilities sum(target) - target).";
  static constexpr Properties properties() { return {.in_place = {{0, 0}, {1, 0}}}; }
  std::vector<TensorType> infer(Types in) const {
    has_inputs(in, 3, name, "probabilities, a target and dloss");
    has_classes(in[0], name);
    has_target(in[0], in[1], name);
    require<ShapeError>(in[2] == TensorType{in[0].dtype, in[0].shape.drop_back()}, name, ": dloss ", in[2], " should be one number for each row of ", in[0]);
    return {in[0]};
  }
  std::vector<Value> gradient(const Derivation& d) const {
    const Value p = d.in[0], t = d.in[1], g = d.grad[0];
    const Value scaled = g * column(d.in[2]), whole = row_sums(t);
    return {scaled * whole, row_sums(scaled * p) - scaled, sum(g * (p * whole - t), {-1})};
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const { return cross_entropy_gradient_kernels(r.in[0].dtype, rows_of(r.in[0])); }
  static std::vector<Example> examples() {
    return {{SoftmaxCrossEntropyGradient{}, {probabilities(), target(), dloss()}},
            {SoftmaxCrossEntropyGradient{}, {probabilities().reshaped({12}), target().reshaped({12}), Tensor(Shape{}, std::vector<double>{0.5})}}};
  }
};
CORNU_DEFINE_OP(SoftmaxCrossEntropyGradient)

}  // namespace cornu
