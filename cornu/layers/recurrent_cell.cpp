#include "cornu/layers/recurrent_cell.h"

#include "cornu/layers/core.h"
#include "cornu/layers/layers.h"

namespace cornu {

Cell::Cell(std::vector<Cell> stack) : Cell(StackedRNNCells{std::move(stack)}) {}

Cell Cell::of(const Layer& layer) {
  const auto as = [&]<class T>(const T* cell) -> Cell { return cell ? Cell(layer, cell) : Cell(); };
  for (const Cell& cell : {as(layer.as<SimpleRNNCell>()), as(layer.as<LSTMCell>()), as(layer.as<GRUCell>()), as(layer.as<StackedRNNCells>())})
    if (cell) return cell;
  throw UnsupportedError(text("the cell of an RNN in a file is a SimpleRNNCell, LSTMCell, GRUCell or StackedRNNCells, and was a ", layer.class_name()));
}

Cell Cell::clone() const {
  const auto* stack = layer_->as<StackedRNNCells>();
  if (!stack) return self_->copy(layer_->options());
  std::vector<Cell> cells;
  for (const Cell& cell : stack->cells) cells.push_back(cell.clone());
  return Cell(StackedRNNCells{std::move(cells)}, layer_->options());
}

Cell Cell::renamed(const std::string& name) const {
  if (layer_->name() == name) return *this;
  LayerOptions options = layer_->options();
  options.name = name;
  return self_->copy(std::move(options));
}

Config to_config(const Cell& cell) { return cell ? layer_to_config(cell.layer()) : Config(); }
void from_config(const Config& config, Cell& cell) { cell = Cell::of(layer_from_config(config)); }

void check_cell_inputs(std::string_view class_name, const std::vector<int64_t>& state_size, const std::vector<Value>& in, const Scope& scope) {
  std::string expected = "[batch, features]";
  for (const int64_t size : state_size) expected += text(", [batch, ", size, "]");
  bool fits = in.size() == 1 + state_size.size() && in[0].shape().rank() == 2;
  for (size_t i = 0; fits && i < state_size.size(); ++i) fits = in[i + 1].shape() == Shape{in[0].dim(0), state_size[i]};
  if (fits) return;
  std::vector<std::string> given;
  for (const Value v : in) given.push_back(text(v.shape()));
  throw ShapeError(text(scope.path(), ": ", class_name, " takes one step and the states before it, ", expected, ", and was given ", given));
}

Value project(Value x, Value kernel, std::optional<Value> bias) {
  const Shape in = x.shape();
  const Value rows = in.rank() == 2 ? x : reshape(x, {in.drop_back().elements(), in.dim(-1)});
  Value y = matmul(rows, kernel);
  if (bias) y = y + *bias;
  return in.rank() == 2 ? y : reshape(y, in.drop_back() + Shape{kernel.dim(1)});
}

Value gate_of(Value z, int64_t gate, int64_t units) {
  std::vector<int64_t> begin(static_cast<size_t>(z.shape().rank()), 0), end = z.shape().sizes();
  begin.back() = gate * units;
  end.back() = (gate + 1) * units;
  return slice(z, begin, end);
}

std::vector<Value> dropout_masks(int count, double rate, int64_t batch, int64_t width, std::optional<int64_t> seed, Scope& scope) {
  std::vector<Value> masks;
  if (!scope.training() || rate == 0) return masks;
  Value key = scope.random_key();
  if (seed) {
    const Value own = scope.graph().constant(Tensor(Shape{1}, std::vector<int64_t>{*seed}));
    key = concat({own, slice(key, {1}, {3})}, 0);  // the step and the row stay
  }
  for (int i = 0; i < count; ++i) {
    const Value keep = random(key, {.distribution = Distribution::bernoulli, .shape = {batch, width}, .dtype = scope.dtype(), .a = 1 - rate, .stream = scope.stream()});
    masks.push_back(rate == 1 ? keep : keep * (1 / (1 - rate)));
  }
  return masks;
}

Value project_dropped(Value x, const std::vector<Value>& masks, const CellWeights& w, std::optional<Value> bias, int64_t gates, int64_t units) {
  if (masks.empty()) return project(x, w.kernel, bias);
  if (masks.size() == 1) return project(x * masks[0], w.kernel, bias);
  std::vector<Value> parts;
  for (int64_t g = 0; g < gates; ++g) parts.push_back(project(x * masks[static_cast<size_t>(g)], gate_of(w.kernel, g, units), {}));
  const Value y = concat(parts, x.shape().rank() - 1);
  return bias ? y + *bias : y;
}

}  // namespace cornu
