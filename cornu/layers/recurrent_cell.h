// What a recurrent layer repeats: a cell. And what the recurrent layers and their cells share.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// A cell on a sequence or on one step: what of its work does not depend on the states, done at once, and the rest.
struct CellStep {
  Value inputs;  // what `step` reads of each step: [..., batch, anything]
  /// From a step's part of `inputs`, without the axes in front, and the states before it: the output, then the states after it.
  std::function<std::vector<Value>(Value inputs, Values states)> step;
  bool output_is_state = false;  // the output is the first state
};

/// A cell is a layer called on {x, states...} that returns {output, states...}, and says how wide its states are:
///
///   struct Leaky {
///     int64_t units = 0;
///     std::vector<int64_t> state_size() const { return {units}; }  // optional: output_size(), else the first state's
///     std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const {
///       const Value y = in[1] * 0.9 + matmul(in[0], scope.weight("kernel", {in[0].dim(-1), units}, "glorot_uniform"));
///       return {y, y};
///     }
///   };
///
/// A random number that it asks for is the same in every step. One with `CellStep over(Value x, Scope&)` does the part of its
/// work that needs no states once for the whole sequence x[time, batch, features].
template <class T>
concept RecurrentCell = ManyInputs<T> && requires(const T& cell) {
  { cell.state_size() } -> std::convertible_to<std::vector<int64_t>>;
};

/// The handle of any cell.
class Cell {
 public:
  Cell() = default;
  template <RecurrentCell T> Cell(T cell, LayerOptions options = {}) : Cell(Layer(std::move(cell), std::move(options)), static_cast<const T*>(nullptr)) {}
  /// StackedRNNCells of these.
  Cell(std::vector<Cell> stack);
  /// From a layer that is one of cornu's cells. Throws ArgumentError for any other.
  static Cell of(const Layer& layer);

  explicit operator bool() const { return layer_.has_value(); }
  const Layer& layer() const { return *layer_; }
  /// The layer's, or that of its class: "lstm_cell".
  std::string name() const { return layer_->name().empty() ? snake_case(layer_->class_name()) : layer_->name(); }
  /// A cell with the same options and weights of its own (those of layers that an own cell holds as members stay shared).
  Cell clone() const;
  /// The same cell under another name.
  Cell renamed(const std::string& name) const;
  std::vector<int64_t> state_size() const { return self_->state_size(); }
  int64_t output_size() const { return self_->output_size(); }
  /// Inside the cell's own part of the scope.
  CellStep over(Value x, Scope& scope) const { return self_->over(x, scope); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::vector<int64_t> state_size() const = 0;
    virtual int64_t output_size() const = 0;
    virtual CellStep over(Value x, Scope& scope) const = 0;
    virtual Cell copy(LayerOptions options) const = 0;
  };
  template <class T> struct Holder final : Interface {
    explicit Holder(Layer l) : layer(std::move(l)) {}
    const T& cell() const { return *layer.as<T>(); }
    std::vector<int64_t> state_size() const override { return cell().state_size(); }
    int64_t output_size() const override {
      if constexpr (requires { cell().output_size(); }) return cell().output_size();
      else return cell().state_size().at(0);
    }
    CellStep over(Value x, Scope& scope) const override {
      if constexpr (requires { cell().over(x, scope); }) return cell().over(x, scope);
      else return {x, [this, &scope](Value inputs, Values states) {
                     std::vector<Value> in = {inputs};
                     in.insert(in.end(), states.begin(), states.end());
                     return cell()(std::move(in), scope);
                   }};
    }
    Cell copy(LayerOptions options) const override { return Cell(cell(), std::move(options)); }
    Layer layer;
  };
  template <class T> Cell(Layer layer, const T*) : layer_(std::move(layer)), self_(std::make_shared<Holder<T>>(*layer_)) {}

  std::optional<Layer> layer_;
  std::shared_ptr<const Interface> self_;
};
/// The cell's object dict, and back.
Config to_config(const Cell& cell);
void from_config(const Config& config, Cell& cell);

// ---- What the structs of cells and of recurrent layers have in common, in the order of Keras's configs.

template <class Self, class Visit> void visit_cell_options(Self& self, Visit&& visit) {
  visit("units", self.units);
  visit("activation", self.activation);
  if constexpr (requires { self.recurrent_activation; }) visit("recurrent_activation", self.recurrent_activation);
  visit("use_bias", self.use_bias);
  if constexpr (requires { self.unit_forget_bias; }) visit("unit_forget_bias", self.unit_forget_bias);
  visit("kernel_initializer", self.kernel_initializer);
  visit("recurrent_initializer", self.recurrent_initializer);
  visit("bias_initializer", self.bias_initializer);
  visit("kernel_regularizer", self.kernel_regularizer);
  visit("recurrent_regularizer", self.recurrent_regularizer);
  visit("bias_regularizer", self.bias_regularizer);
  if constexpr (requires { self.activity_regularizer; }) visit("activity_regularizer", self.activity_regularizer);
  visit("kernel_constraint", self.kernel_constraint);
  visit("recurrent_constraint", self.recurrent_constraint);
  visit("bias_constraint", self.bias_constraint);
  visit("dropout", self.dropout);
  visit("recurrent_dropout", self.recurrent_dropout);
  if constexpr (requires { self.reset_after; }) visit("reset_after", self.reset_after);
  visit("seed", self.seed);
  if constexpr (!std::is_const_v<Self>)  // Keras reads it and never writes it
    if constexpr (requires { self.implementation; }) visit("implementation", self.implementation);
}

template <class Self, class Visit> void visit_rnn_options(Self& self, Visit&& visit) {
  visit("return_sequences", self.return_sequences);
  visit("return_state", self.return_state);
  visit("go_backwards", self.go_backwards);
  visit("stateful", self.stateful);
  visit("unroll", self.unroll);
  visit("zero_output_for_mask", self.zero_output_for_mask);
}

/// The cell of a layer: the options that both have.
template <class C, class L> C cell_of(const L& layer) {
  C cell;
  visit_cell_options(cell, [&](std::string_view to, auto& field) {
    visit_cell_options(layer, [&](std::string_view from, const auto& value) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field)>, std::remove_cvref_t<decltype(value)>>)
        if (to == from) field = value;
    });
  });
  if constexpr (requires { cell.implementation; }) cell.implementation = layer.implementation;
  return cell;
}

// ---- For the bodies of cells.

/// {x, states...} as a call of a cell has them: throws ShapeError unless there is a state [batch, size] for each of state_size.
void check_cell_inputs(std::string_view class_name, const std::vector<int64_t>& state_size, const std::vector<Value>& in, const Scope& scope);
/// One step on its own.
template <class C> std::vector<Value> call_cell(const C& cell, const std::vector<Value>& in, Scope& scope) {
  check_cell_inputs(C::class_name, cell.state_size(), in, scope);
  const CellStep s = cell.over(in[0], scope);
  return s.step(s.inputs, Values(in).subspan(1));
}

/// What the cells declare alike: throws ArgumentError for options out of range, ShapeError for an x without features.
struct CellWeights {
  Value kernel, recurrent_kernel;
  std::optional<Value> bias;
};
template <class C> CellWeights cell_weights(const C& cell, Value x, int64_t gates, const Shape& bias_shape, const Initializer& bias_initializer, Scope& scope) {
  require(cell.units > 0, scope.path(), ": ", C::class_name, " takes a positive number of units, and was given ", cell.units);
  for (const double rate : {cell.dropout, cell.recurrent_dropout})
    require(rate >= 0 && rate <= 1, scope.path(), ": ", C::class_name, "'s dropout and recurrent_dropout are fractions to drop, from 0 to 1, and were given as ", cell.dropout, " and ", cell.recurrent_dropout);
  require<ShapeError>(x.shape().rank() >= 2, scope.path(), ": ", C::class_name, " takes [batch, features] and was given ", x.shape());
  CellWeights w;
  w.kernel = scope.weight("kernel", {x.dim(-1), gates * cell.units}, cell.kernel_initializer, {.regularizer = cell.kernel_regularizer, .constraint = cell.kernel_constraint});
  w.recurrent_kernel = scope.weight("recurrent_kernel", {cell.units, gates * cell.units}, cell.recurrent_initializer, {.regularizer = cell.recurrent_regularizer, .constraint = cell.recurrent_constraint});
  if (cell.use_bias) w.bias = scope.weight("bias", bias_shape, bias_initializer, {.regularizer = cell.bias_regularizer, .constraint = cell.bias_constraint});
  return w;
}

/// x[..., features] kernel (+ bias), as one product.
Value project(Value x, Value kernel, std::optional<Value> bias);
/// Columns [gate units, (gate + 1) units) of the last axis.
Value gate_of(Value z, int64_t gate, int64_t units);

/// `count` masks [batch, width] of zeros and 1 / (1 - rate), for all steps of a sequence; none when not training.
std::vector<Value> dropout_masks(int count, double rate, int64_t batch, int64_t width, std::optional<int64_t> seed, Scope& scope);
/// project(x, ...) of each gate's own x * mask, or of one x * mask, or of x: as there are masks.
Value project_dropped(Value x, const std::vector<Value>& masks, const CellWeights& w, std::optional<Value> bias, int64_t gates, int64_t units);

}  // namespace cornu
