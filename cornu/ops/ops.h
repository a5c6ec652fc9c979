// Every op the library offers, on one page. Each is defined, whole, in the file named in its heading.
//
// An op is a struct of attributes and a builder that adds it to the graph of its inputs. Shapes are checked when the
// builder runs: a ShapeError names the op and what was given.
#pragma once
#include <tuple>

#include "cornu/base/fields.h"
#include "cornu/graph/graph.h"

namespace cornu {

Config to_config(const Shape& shape);
void from_config(const Config& c, Shape& shape);
Config to_config(DType dtype);
void from_config(const Config& c, DType& dtype);

// ---- pointwise.cpp: one line each in pointwise.def. Operands broadcast as in NumPy and have one dtype.
#define UNARY(op, ...) \
  struct op##_op { bool operator==(const op##_op&) const = default; CORNU_FIELDS() struct Rules; }; \
  Value op(Value x);
#define BINARY(op, ...) \
  struct op##_op { bool operator==(const op##_op&) const = default; CORNU_FIELDS() struct Rules; }; \
  Value op(Value a, Value b);
#define TERNARY(op, ...) \
  struct op##_op { bool operator==(const op##_op&) const = default; CORNU_FIELDS() struct Rules; }; \
  Value op(Value a, Value b, Value c);
#include "cornu/ops/pointwise.def"

/// x in another dtype. Floats are truncated towards zero when they become integers; bool is x != 0.
struct Cast { DType dtype = DType::float32; bool operator==(const Cast&) const = default; CORNU_FIELDS(dtype) struct Rules; };
Value cast(Value x, DType dtype);

/// Scalars take the dtype of the Value they meet.
Value scalar(Value like, double number);
inline Value operator+(Value a, Value b) { return add(a, b); }
inline Value operator-(Value a, Value b) { return subtract(a, b); }
inline Value operator*(Value a, Value b) { return multiply(a, b); }
inline Value operator/(Value a, Value b) { return divide(a, b); }
inline Value operator-(Value x) { return negative(x); }
inline Value operator+(Value a, double b) { return a + scalar(a, b); }
inline Value operator+(double a, Value b) { return scalar(b, a) + b; }
inline Value operator-(Value a, double b) { return a - scalar(a, b); }
inline Value operator-(double a, Value b) { return scalar(b, a) - b; }
inline Value operator*(Value a, double b) { return a * scalar(a, b); }
inline Value operator*(double a, Value b) { return scalar(b, a) * b; }
inline Value operator/(Value a, double b) { return a / scalar(a, b); }
inline Value operator/(double a, Value b) { return scalar(b, a) / b; }
Value clip(Value x, double low, double high);

// ---- matmul.cpp
/// y[..., m, n] = a[..., m, k] b[..., k, n]; either operand may be read transposed; leading axes broadcast.
/// One operand may be uint8 where the other is float32: its elements are read as numbers.
struct MatMul {
  bool transpose_a = false, transpose_b = false;
  bool operator==(const MatMul&) const = default;
  CORNU_FIELDS(transpose_a, transpose_b)
  struct Rules;
};
Value matmul(Value a, Value b, MatMul = {});

// ---- einsum.cpp: made of transpose, reshape, matmul, multiply and sum
/// Einstein's sum over the axes that `equation` names with letters: "ij,jk->ik", "...ij,...jk->...ik", "bij->b", "ii->i". Letters
/// that are not in the output are summed over. Axes under "..." broadcast. Without "->" the output has, in alphabetical order,
/// the letters that occur once. Throws ShapeError for operands that do not fit, ArgumentError for an equation that says nothing.
Value einsum(const std::string& equation, std::vector<Value> operands);

// ---- reduce.cpp
enum class Reduction { sum, max, min, product };
/// Over `axes` (counted from the front, ascending); they stay as size one when keep_dims.
struct Reduce {
  Reduction kind = Reduction::sum;
  std::vector<int64_t> axes;
  bool keep_dims = false;
  bool operator==(const Reduce&) const = default;
  CORNU_FIELDS(kind, axes, keep_dims)
  struct Rules;
};
Config to_config(Reduction kind);
void from_config(const Config& c, Reduction& kind);
// Axes may be negative; none means all of them.
Value sum(Value x, std::vector<int64_t> axes = {}, bool keep_dims = false);
Value mean(Value x, std::vector<int64_t> axes = {}, bool keep_dims = false);
Value max(Value x, std::vector<int64_t> axes = {}, bool keep_dims = false);
Value min(Value x, std::vector<int64_t> axes = {}, bool keep_dims = false);
Value product(Value x, std::vector<int64_t> axes = {}, bool keep_dims = false);

/// The int64 position of the largest (or smallest) element along one axis; the first of equals.
struct ArgMax {
  int64_t axis = -1;
  bool smallest = false;
  bool operator==(const ArgMax&) const = default;
  CORNU_FIELDS(axis, smallest)
  struct Rules;
};
Value argmax(Value x, int axis = -1);
Value argmin(Value x, int axis = -1);

// ---- movement.cpp
struct Reshape { Shape shape; bool operator==(const Reshape&) const = default; CORNU_FIELDS(shape) struct Rules; };
/// One size may be -1: it follows from the others.
Value reshape(Value x, Shape shape);

struct Transpose { std::vector<int64_t> axes; bool operator==(const Transpose&) const = default; CORNU_FIELDS(axes) struct Rules; };
/// Output axis i is input axis axes[i]; none given: reversed.
Value transpose(Value x, std::vector<int64_t> axes = {});

struct BroadcastTo { Shape shape; bool operator==(const BroadcastTo&) const = default; CORNU_FIELDS(shape) struct Rules; };
Value broadcast_to(Value x, Shape shape);

/// The sum over the axes along which `shape` was stretched to x's shape: the gradient of a broadcast.
Value sum_to(Value x, Shape shape);

/// Elements begin, begin + step, ... before end, along each axis. The step is positive.
struct Slice {
  std::vector<int64_t> begin, end, step;
  bool operator==(const Slice&) const = default;
  CORNU_FIELDS(begin, end, step)
  struct Rules;
};
Value slice(Value x, std::vector<int64_t> begin, std::vector<int64_t> end, std::vector<int64_t> step = {});

/// `before` and `after` more elements along each axis, `between` more between neighbours, all of them `value`.
struct Pad {
  std::vector<int64_t> before, after, between;
  double value = 0;
  bool operator==(const Pad&) const = default;
  CORNU_FIELDS(before, after, between, value)
  struct Rules;
};
Value pad(Value x, std::vector<int64_t> before, std::vector<int64_t> after, double value = 0, std::vector<int64_t> between = {});

struct Concatenation { int64_t axis = 0; bool operator==(const Concatenation&) const = default; CORNU_FIELDS(axis) struct Rules; };
Value concat(std::vector<Value> parts, int axis);

/// 0, 1, 2, ... along `axis`, the same along the others.
struct Iota { Shape shape; int64_t axis = 0; DType dtype = DType::int64; bool operator==(const Iota&) const = default; CORNU_FIELDS(shape, axis, dtype) struct Rules; };
Value iota(Graph& graph, Shape shape, int axis = 0, DType dtype = DType::int64);

// ---- gather.cpp
/// y[i..., ...] = x[indices[i...], ...]. Indices are integers; one outside x's rows reads as zeros (labels and tokens
/// are checked before they reach a graph).
struct Gather { bool operator==(const Gather&) const = default; CORNU_FIELDS() struct Rules; };
Value gather(Value x, Value indices);
/// The transpose of Gather: zeros[rows, ...] with updates[i..., ...] added at row indices[i...], in the order of i.
struct ScatterAdd { int64_t rows = 0; bool operator==(const ScatterAdd&) const = default; CORNU_FIELDS(rows) struct Rules; };
Value scatter_add(Value updates, Value indices, int64_t rows);
/// 1 (in `dtype`) where the new last axis equals the index, else 0.
Value one_hot(Value indices, int64_t classes, DType dtype = DType::float32);

// ---- hash_bucket.cpp
/// int64 in [0, bins): the hash of each integer's decimal text, modulo bins. The hash is FarmHash's Fingerprint64, or where
/// `strong` SipHash under the key {key0, key1}: the bins of TensorFlow's to_hash_bucket_fast and to_hash_bucket_strong.
struct HashBucket {
  int64_t bins = 1;
  bool strong = false;
  int64_t key0 = 0, key1 = 0;
  bool operator==(const HashBucket&) const = default;
  CORNU_FIELDS(bins, strong, key0, key1)
  struct Rules;
};
Value hash_bucket(Value x, HashBucket how);

// ---- softmax.cpp: along the last axis
struct Softmax { bool operator==(const Softmax&) const = default; CORNU_FIELDS() struct Rules; };
Value softmax(Value x);
struct LogSoftmax { bool operator==(const LogSoftmax&) const = default; CORNU_FIELDS() struct Rules; };
Value log_softmax(Value x);

/// Cross entropy of softmax(logits) against integer labels: outputs loss[...] and probabilities[..., classes].
struct SparseSoftmaxCrossEntropy { bool operator==(const SparseSoftmaxCrossEntropy&) const = default; CORNU_FIELDS() struct Rules; };
Value sparse_softmax_cross_entropy(Value logits, Value labels);
/// The same against a distribution over the classes: loss = -sum(target log softmax(logits)).
struct SoftmaxCrossEntropy { bool operator==(const SoftmaxCrossEntropy&) const = default; CORNU_FIELDS() struct Rules; };
Value softmax_cross_entropy(Value logits, Value target);
/// The fused backward passes: dlogits from probabilities, labels or target, and dloss.
struct SparseSoftmaxCrossEntropyGradient { bool operator==(const SparseSoftmaxCrossEntropyGradient&) const = default; CORNU_FIELDS() struct Rules; };
struct SoftmaxCrossEntropyGradient { bool operator==(const SoftmaxCrossEntropyGradient&) const = default; CORNU_FIELDS() struct Rules; };

// ---- attention.cpp
/// Attention of every head: y[b, t, h] = sum over s of p[b, h, t, s] v[b, s, h], with p = softmax over s of scale q[b, t, h] . k[b, s, h].
/// q [batch, queries, heads, size], k [batch, keys, heads, size], v [batch, keys, heads, value size]. With `causal` query t sees
/// keys 0..t. Outputs y [batch, queries, heads, value size] and log(sum(exp(scores))) [batch, queries, heads]: p itself is never stored.
struct HeadAttention {
  double scale = 1;
  bool causal = false;
  bool operator==(const HeadAttention&) const = default;
  CORNU_FIELDS(scale, causal)
  struct Rules;
};
Config to_config(const HeadAttention& how);
void from_config(const Config& c, HeadAttention& how);
Value head_attention(Value q, Value k, Value v, HeadAttention how = {});
/// Its backward pass: dq, dk, dv from q, k, v, y, the logarithms, dy and (or not) the gradient of the logarithms.
struct HeadAttentionGradient { HeadAttention of; bool operator==(const HeadAttentionGradient&) const = default; CORNU_FIELDS(of) struct Rules; };

// ---- random.cpp
enum class Distribution { uniform, normal, truncated_normal, bernoulli };
/// Numbers from Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), keyed by the key
/// {seed, step, first row}, the stream, the row (axis 0) and the element within the row: the same however the batch is
/// cut. uniform in [a, b); normal with mean a and deviation b; truncated_normal the same, redrawn beyond two
/// deviations; bernoulli 1 with probability a, else 0.
struct Random {
  Distribution distribution = Distribution::uniform;
  Shape shape;
  DType dtype = DType::float32;
  double a = 0, b = 1;
  int64_t stream = 0;
  bool operator==(const Random&) const = default;
  CORNU_FIELDS(distribution, shape, dtype, a, b, stream)
  struct Rules;
};
Config to_config(Distribution d);
void from_config(const Config& c, Distribution& d);
/// `key` is int64[3]: seed, step, index of the first row.
Value random(Value key, Random how);

// ---- convolution.cpp: one to three spatial axes, channels last
/// y[n, o, f] = sum over k, c of x[n, o strides + k dilation - before, c] kernel[k, c, f], zeros outside x. With groups, the
/// channels and the filters fall into as many parts, and each part of the filters sees its part of the channels.
/// x [batch, spatial..., channels], kernel [spatial..., channels / groups, filters]; x may be uint8 where the kernel is float32.
struct Convolution {
  std::vector<int64_t> strides, dilation, before, after;  // one for each spatial axis
  int64_t groups = 1;
  bool operator==(const Convolution&) const = default;
  CORNU_FIELDS(strides, dilation, before, after, groups)
  struct Rules;
};
Config to_config(const Convolution& how);
void from_config(const Config& c, Convolution& how);
/// Lists left empty mean strides and dilation of one, and no padding.
Value convolution(Value x, Value kernel, Convolution how = {});
/// The transposes of `of`, which is linear in x and in the kernel: from dy and the kernel to an x of these spatial sizes
/// (also called a transposed convolution), and from x and dy to a kernel of these spatial sizes.
struct ConvolutionInput {
  Convolution of;
  std::vector<int64_t> sizes;
  bool operator==(const ConvolutionInput&) const = default;
  CORNU_FIELDS(of, sizes)
  struct Rules;
};
Value convolution_input(Value dy, Value kernel, std::vector<int64_t> sizes, Convolution of = {});
struct ConvolutionKernel {
  Convolution of;
  std::vector<int64_t> sizes;
  bool operator==(const ConvolutionKernel&) const = default;
  CORNU_FIELDS(of, sizes)
  struct Rules;
};
Value convolution_kernel(Value x, Value dy, std::vector<int64_t> sizes, Convolution of = {});

// ---- pooling.cpp: windows over one to three spatial axes, channels last; cells outside x do not count
struct Window {
  std::vector<int64_t> size, strides, before, after;  // one for each spatial axis
  bool operator==(const Window&) const = default;
  CORNU_FIELDS(size, strides, before, after)
};
Config to_config(const Window& window);
void from_config(const Config& c, Window& window);
/// The largest number of each window, and (as an int32) which of its cells it is: the first of equals; a NaN wins.
struct MaxPooling { Window window; bool operator==(const MaxPooling&) const = default; CORNU_FIELDS(window) struct Rules; };
Value max_pooling(Value x, Window window);
/// x, where -> the chosen cell of each window; and its transpose: dy, where -> zeros of these spatial sizes with dy added there.
struct MaxPoolingPick { Window window; bool operator==(const MaxPoolingPick&) const = default; CORNU_FIELDS(window) struct Rules; };
struct MaxPoolingPut {
  Window window;
  std::vector<int64_t> sizes;
  bool operator==(const MaxPoolingPut&) const = default;
  CORNU_FIELDS(window, sizes)
  struct Rules;
};
/// The mean of the cells of each window that are inside x; and its transpose.
struct AveragePooling { Window window; bool operator==(const AveragePooling&) const = default; CORNU_FIELDS(window) struct Rules; };
Value average_pooling(Value x, Window window);
struct AveragePoolingInput {
  Window window;
  std::vector<int64_t> sizes;
  bool operator==(const AveragePoolingInput&) const = default;
  CORNU_FIELDS(window, sizes)
  struct Rules;
};

// ---- control.cpp
/// x, through which no gradient flows.
struct StopGradient { bool operator==(const StopGradient&) const = default; CORNU_FIELDS() struct Rules; };
Value stop_gradient(Value x);

// ---- scan.cpp: recurrence; see there
struct Scan {
  std::shared_ptr<const Graph> body;     // inputs: carried, slices, captured; outputs: carried, outputs
  std::shared_ptr<const Graph> extends;  // a body whose outputs this one's begin with: its gradient made this one
  int64_t steps = 0, carried = 0, sequences = 0;
  bool reverse = false;
  bool operator==(const Scan&) const = default;
  CORNU_FIELDS(steps, carried, sequences, reverse)
  struct Rules;
};
/// Runs body(carried..., slices of the sequences...) -> (new carried..., outputs...) once for each of the leading
/// axis's rows; returns the last carried values, then the outputs stacked along a new leading axis. With `reverse`,
/// rows are read and outputs written from the last to the first. Values of the outer graph that the body reads become inputs.
using ScanBody = std::function<std::vector<Value>(Values carried, Values slices)>;
std::vector<Value> scan(std::vector<Value> carried, std::vector<Value> sequences, const ScanBody& body, bool reverse = false);

// ---- the catalogue: an op that it does not name does not compile
#define UNARY(op, ...) op##_op,
#define BINARY(op, ...) op##_op,
#define TERNARY(op, ...) op##_op,
using Catalogue = std::tuple<
#include "cornu/ops/pointwise.def"
    Cast, MatMul, Reduce, ArgMax, Reshape, Transpose, BroadcastTo, Slice, Pad, Concatenation, Iota, Gather, ScatterAdd, HashBucket, Softmax,
    LogSoftmax, SparseSoftmaxCrossEntropy, SoftmaxCrossEntropy, SparseSoftmaxCrossEntropyGradient, SoftmaxCrossEntropyGradient,
    HeadAttention, HeadAttentionGradient, Random, StopGradient, Scan,
    Convolution, ConvolutionInput, ConvolutionKernel, MaxPooling, MaxPoolingPick, MaxPoolingPut, AveragePooling, AveragePoolingInput>;

template <class T, class... Ops> constexpr bool is_listed(const std::tuple<Ops...>*) { return (std::is_same_v<T, Ops> || ...); }

/// The graph that an op on these values joins: theirs, or inside the body of a scan the body's.
Graph& innermost_graph(Values in, std::string_view op);

/// How a builder adds its op.
template <class T> std::vector<Value> emit_all(T op, std::vector<Value> in) {
  static_assert(is_listed<T>(static_cast<Catalogue*>(nullptr)), "name this op in the Catalogue in ops/ops.h");
  return innermost_graph(in, rules<T>().name).add(Op(std::move(op)), in);
}
template <class T> Value emit(T op, std::vector<Value> in) { return emit_all(std::move(op), std::move(in))[0]; }

}  // namespace cornu
