#include "cornu/layers/recurrent_rnn.h"

#include <numeric>

#include "cornu/layers/call_keys.h"
#include "cornu/layers/core.h"
#include "cornu/layers/layers.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(StackedRNNCells)
CORNU_DEFINE_LAYER(RNN)

// ---- cells on top of each other

std::vector<Cell> StackedRNNCells::named() const {
  require(!cells.empty(), "StackedRNNCells needs at least one cell");
  std::vector<Cell> list;
  std::vector<std::string> names;
  const auto taken = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const Cell& cell : cells) {
    require(static_cast<bool>(cell), "StackedRNNCells was given an empty cell");
    std::string name = cell.name();
    if (cell.layer().name().empty())
      for (int i = 1; taken(name); ++i) name = text(cell.name(), "_", i);
    require(!taken(name), "two cells of one StackedRNNCells are named '", name, "'; names must be unique");
    names.push_back(name);
    list.push_back(cell.renamed(name));
  }
  return list;
}

std::vector<int64_t> StackedRNNCells::state_size() const {
  std::vector<int64_t> sizes;
  for (const Cell& cell : cells)
    for (const int64_t size : cell.state_size()) sizes.push_back(size);
  return sizes;
}

int64_t StackedRNNCells::output_size() const { return cells.empty() ? 0 : cells.back().output_size(); }

std::vector<Value> StackedRNNCells::operator()(std::vector<Value> in, Scope& scope) const {
  check_cell_inputs(class_name, state_size(), in, scope);
  std::vector<Value> states;
  Value x = in[0];
  auto next = in.begin() + 1;
  for (const Cell& cell : named()) {
    std::vector<Value> given = {x};
    for (size_t i = 0; i < cell.state_size().size(); ++i) given.push_back(*next++);
    const std::vector<Value> out = cell.layer()(given, scope);
    x = out[0];
    states.insert(states.end(), out.begin() + 1, out.end());
  }
  states.insert(states.begin(), x);
  return states;
}

// ---- the loop

namespace {

struct Walk {
  std::optional<Value> mask;     // bool [time, batch, 1]
  bool reverse = false;          // from the last step to the first
  bool from_zeros = false;       // what the initial states are
  bool zero_output = false;      // where the mask is false
  bool all = false;              // whether the outputs of all steps are wanted
};
struct Walked {
  Value all;                     // [time, batch, units], in the order of time, if wanted
  Value last;                    // [batch, units], of the step walked last
  std::vector<Value> states;
};

Value zeros(Graph& graph, DType dtype, Shape shape) { return broadcast_to(graph.constant(Tensor(dtype, Shape{})), std::move(shape)); }
Value row(Value x, int64_t i) {
  std::vector<int64_t> begin(static_cast<size_t>(x.shape().rank()), 0), end = x.shape().sizes();
  begin[0] = i;
  end[0] = i + 1;
  return reshape(slice(x, begin, end), x.shape().drop_front());
}
Value flip(Value x) {  // along the first axis
  Tensor order(DType::int64, {x.dim(0)});
  const auto to = order.mutable_values<int64_t>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<int64_t>(to.size() - 1 - i);
  return gather(x, x.graph->constant(order));
}

/// One cell over x[time, batch, ...], inside the cell's part of the scope.
Walked walk_cell(const Cell& cell, Value x, Values initial, const Walk& how, Scope& scope) {
  const CellStep step = cell.over(x, scope);
  const size_t states = initial.size();
  const int64_t time = x.dim(0), batch = x.dim(1);
  const bool masked = how.mask.has_value();
  // A state that begins with zeros and stays where the mask is false is itself the output with its repetitions.
  const bool output_is_state = step.output_is_state && (!masked || how.zero_output || how.from_zeros);
  const bool repeats = masked && !how.zero_output && !output_is_state;
  const bool stacked = how.all || (!output_is_state && !repeats);

  std::vector<Value> carried(initial.begin(), initial.end()), sequences = {step.inputs};
  if (repeats) carried.push_back(zeros(scope.graph(), scope.dtype(), {batch, cell.output_size()}));
  if (masked) sequences.push_back(*how.mask);
  const size_t losses = scope.losses().size();
  const std::vector<Value> out = scan(carried, sequences, [&](Values before, Values slices) {
    std::vector<Value> given = step.step(slices[0], before.first(states));
    require<ShapeError>(given.size() == states + 1, scope.path(), ": ", cell.layer().class_name(), " has ", states, " states, so that a call of it returns ", states + 1,
                        " values, the output first; it returned ", given.size());
    require<ShapeError>(given[0].shape() == Shape{batch, cell.output_size()}, scope.path(), ": ", cell.layer().class_name(), " returned an output of shape ", given[0].shape(),
                        ", and its output_size (or the first of state_size) promises ", Shape{batch, cell.output_size()});
    std::vector<Value> after(given.begin() + 1, given.end());
    Value output = given[0];
    if (masked) {
      for (size_t i = 0; i < states; ++i) after[i] = select(slices[1], after[i], before[i]);
      if (output_is_state) output = after[0];
      if (repeats) after.push_back(output = select(slices[1], output, before[states]));
    }
    if (stacked) after.push_back(output);
    return after;
  }, how.reverse);
  for (size_t i = losses; i < scope.losses().size(); ++i)
    require<UnsupportedError>(scope.losses()[i].graph == &scope.graph(), scope.path(), ": the cell of an RNN cannot add a penalty of what changes from step to step");

  Walked w{.all = {}, .last = {}, .states = {out.begin(), out.begin() + static_cast<long>(states)}};
  if (stacked) w.all = out.back();
  if (output_is_state) w.last = w.states[0];
  else if (repeats) w.last = out[states];
  else w.last = time > 0 ? row(w.all, how.reverse ? 0 : time - 1) : zeros(scope.graph(), scope.dtype(), {batch, cell.output_size()});
  if (masked && how.zero_output && time > 0) {
    const Value none = scalar(w.last, 0);
    if (how.all) w.all = select(*how.mask, w.all, none);
    w.last = select(row(*how.mask, how.reverse ? 0 : time - 1), w.last, none);
  }
  return w;
}

/// A stack is walked cell by cell: each has its whole sequence at once.
Walked walk(const Cell& cell, Value x, Values initial, const Walk& how, Scope& scope) {
  return scope.inside(cell.name(), cell.layer().trainable(), [&] {
    const Scope::Owned owned(scope, cell.layer().weights(), cell.layer().class_name());
    const auto* stack = cell.layer().as<StackedRNNCells>();
    if (!stack) return walk_cell(cell, x, initial, how, scope);
    const std::vector<Cell> cells = stack->named();
    Walked w;
    std::vector<Value> states;
    size_t used = 0;
    for (size_t i = 0; i < cells.size(); ++i) {
      Walk own = how;
      if (i + 1 < cells.size()) own.all = own.zero_output = true;  // where the mask is false nobody reads what it passes on
      const size_t count = cells[i].state_size().size();
      w = walk(cells[i], x, initial.subspan(used, count), own, scope);
      used += count;
      x = w.all;
      states.insert(states.end(), w.states.begin(), w.states.end());
    }
    w.states = std::move(states);
    return w;
  });
}

std::vector<Value> initial_states(const Cell& cell, const std::vector<Value>& in, const CallArguments& call, const Scope& scope) {
  std::vector<Value> given(in.begin() + 1, in.end());
  if (const auto found = call.values.find("initial_state"); found != call.values.end()) {
    require(given.empty(), scope.path(), ": the initial states were given twice, as inputs and as initial_state");
    given = found->second;
  }
  if (given.empty()) return given;
  const std::vector<int64_t> sizes = cell.state_size();
  std::vector<std::string> found, expected;
  bool fits = given.size() == sizes.size();
  for (const Value v : given) found.push_back(text(v.shape()));
  for (size_t i = 0; i < sizes.size(); ++i) {
    expected.push_back(text(Shape{in[0].dim(0), sizes[i]}));
    fits = fits && given[i].shape() == Shape{in[0].dim(0), sizes[i]};
  }
  require<ShapeError>(fits, scope.path(), ": the initial states have shapes ", found, ", and the layer's states have ", expected);
  for (Value& v : given) v = computable(v, scope);
  return given;
}

/// As the loop reads it: bool [time, batch, 1].
std::optional<Value> mask_of(const std::vector<Value>& in, const CallArguments& call, bool initial_given, const Scope& scope) {
  std::optional<Value> mask;
  if (!initial_given) mask = scope.mask(in[0]);
  if (const auto found = call.values.find("mask"); found != call.values.end() && !found->second.empty()) mask = found->second[0];
  if (!mask) return mask;
  require<ShapeError>(mask->shape() == in[0].shape().part(0, 2), scope.path(), ": the mask has shape ", mask->shape(), ", and the sequence asks for ", in[0].shape().part(0, 2), ", [batch, time]");
  const Value m = mask->dtype() == DType::boolean ? *mask : cast(*mask, DType::boolean);
  return reshape(transpose(m, {1, 0}), {m.dim(1), m.dim(0), 1});
}

}  // namespace

std::vector<Value> run_rnn(const Cell& cell, const RNNOptions& o, const Regularizer& activity_regularizer, const std::vector<Value>& in, Scope& scope) {
  require<ShapeError>(!in.empty() && in[0].shape().rank() >= 3, scope.path(), ": a recurrent layer takes [batch, time, features], and was given ", in.empty() ? Shape{} : in[0].shape(),
                      !in.empty() && in[0].shape().rank() == 2 ? "; reshape it to [batch, time, 1] if each step is one number" : "");
  require(static_cast<bool>(cell), scope.path(), ": RNN was given no cell");
  check_call(scope, "a recurrent layer", {"initial_state", "mask"});
  const CallArguments call = scope.call();
  const int64_t batch = in[0].dim(0);

  std::vector<int64_t> time_first(static_cast<size_t>(in[0].shape().rank()));
  std::iota(time_first.begin(), time_first.end(), 0);
  std::swap(time_first[0], time_first[1]);
  const Value x = transpose(computable(in[0], scope), time_first);

  std::vector<Value> states = initial_states(cell, in, call, scope), kept;
  const bool given = !states.empty(), from_zeros = !given && !o.stateful;
  const std::vector<int64_t> sizes = cell.state_size();
  if (o.stateful)
    for (size_t i = 0; i < sizes.size(); ++i) kept.push_back(scope.carried(i == 0 ? "rnn_state" : text("rnn_state_", i), {batch, sizes[i]}));
  if (states.empty())
    for (size_t i = 0; i < sizes.size(); ++i) states.push_back(o.stateful ? scope.current(kept[i]) : zeros(scope.graph(), scope.dtype(), {batch, sizes[i]}));

  const Walk how{.mask = mask_of(in, call, given, scope), .reverse = o.go_backwards, .from_zeros = from_zeros, .zero_output = o.zero_output_for_mask, .all = o.return_sequences};
  const Walked w = walk(cell, x, states, how, scope);
  for (size_t i = 0; i < kept.size(); ++i) scope.update(kept[i], w.states[i]);

  std::vector<Value> out = {w.last};
  if (o.return_sequences) {
    const Config& turned = call.options[flip_outputs];
    const bool flipped = o.go_backwards != (!turned.is_null() && turned.as_bool());
    out[0] = transpose(flipped ? flip(w.all) : w.all, {1, 0, 2});
    if (const auto mask = call.values.find("mask"); mask != call.values.end() && !mask->second.empty()) scope.set_mask(out[0], mask->second[0]);
    else if (const auto own = scope.mask(in[0])) scope.set_mask(out[0], *own);
  }
  if (o.return_state) out.insert(out.end(), w.states.begin(), w.states.end());
  if (activity_regularizer)
    for (const Value y : out) scope.add_loss(activity_regularizer(y) / static_cast<double>(batch));
  return out;
}

std::vector<Value> RNN::operator()(std::vector<Value> in, Scope& scope) const { return run_rnn(cell, rnn_options(*this), {}, in, scope); }

}  // namespace cornu
