// Recurrent layers beyond Keras's numbers (tests/layer_golden has those): states between batches, own cells, dropout, edges, errors.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "tests/layers/run_layer.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor wave(Shape shape, double phase = 0) {
  Tensor t(DType::float32, shape);
  int i = 0;
  for (float& v : t.mutable_values<float>()) v = static_cast<float>(std::sin(i++ * 0.7 + phase));
  return t;
}

/// y = 0.9 y_before + x kernel.
struct Leaky {
  int64_t units = 0;
  std::vector<int64_t> state_size() const { return {units}; }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const {
    const Value y = in[1] * 0.9 + matmul(in[0], scope.weight("kernel", {in[0].dim(-1), units}, "glorot_uniform"));
    return {y, y};
  }
};

/// A layer inside a cell, an output that is no state, two states.
struct Deep {
  std::vector<int64_t> state_size() const { return {2, 3}; }
  int64_t output_size() const { return 4; }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const {
    const Value both = concat({in[0], in[1], in[2]}, 1);
    const Value a = Layer(Dense{2, "tanh"}, {.name = "a"})({both}, scope)[0], b = Layer(Dense{3, "tanh"}, {.name = "b"})({both}, scope)[0];
    return {Layer(Dense{4}, {.name = "out"})({concat({a, b}, 1)}, scope)[0], a, b};
  }
};

std::string refused(const Layer& layer, const std::vector<Shape>& shapes, const CallArguments& call = {}) {
  Graph g;
  Scope scope(g);
  std::vector<Value> in;
  for (const Shape& s : shapes) in.push_back(g.input(text("x", in.size()), {DType::float32, s}));
  return error_of([&] { layer(in, scope, call); });
}

}  // namespace

TEST_CASE("an own cell runs in an RNN: its weights are declared once, and its recurrence is what it says") {
  LayerRun run;
  run(Layer(RNN{.cell = Leaky{2}, .return_sequences = true}), {wave({2, 3, 2})});
  CHECK(run.paths == std::vector<std::string>{"rnn/layer/kernel"});
  const Tensor x = wave({2, 3, 2}), k = run.states.at("rnn/layer/kernel"), y = run.out[0];
  REQUIRE(y.shape() == Shape{2, 3, 2});
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t u = 0; u < 2; ++u) {
      double h = 0;
      for (int64_t t = 0; t < 3; ++t) {
        h = 0.9 * h + x.at((b * 3 + t) * 2) * k.at(u) + x.at((b * 3 + t) * 2 + 1) * k.at(2 + u);
        CHECK(y.at((b * 3 + t) * 2 + u) == doctest::Approx(h).epsilon(1e-5));
      }
    }
}

TEST_CASE("a cell of layers, whose output is no state, has exact gradients in every way of walking") {
  const Tensor mask({2, 4}, std::vector<uint8_t>{1, 0, 1, 1, 0, 1, 1, 0});
  for (const bool sequences : {false, true})
    for (const bool backwards : {false, true})
      for (const bool zero : {false, true})
        for (const bool masked : {false, true}) {
          CAPTURE(sequences);
          CAPTURE(backwards);
          CAPTURE(zero);
          CAPTURE(masked);
          LayerRun run;
          if (masked) run.masks = {mask};
          const Layer layer(RNN{.cell = Deep{}, .return_sequences = sequences, .return_state = true, .go_backwards = backwards, .zero_output_for_mask = zero});
          CHECK(slope_error(run, layer, {wave({2, 4, 3})}) < 1e-7);
          run(layer, {wave({2, 4, 3})});
          CHECK(run.out.size() == 3);
          CHECK(run.paths.front() == "rnn/layer/a/kernel");
        }
}

TEST_CASE("the last output is the last of all outputs") {
  const Tensor mask({2, 3}, std::vector<uint8_t>{1, 0, 1, 0, 1, 0});
  for (const bool masked : {false, true})
    for (const bool zero : {false, true}) {
      LayerRun run;
      if (masked) run.masks = {mask};
      const auto layer = [&](bool sequences) { return Layer(RNN{.cell = std::vector<Cell>{Deep{}, GRUCell{3}}, .return_sequences = sequences, .zero_output_for_mask = zero}); };
      const Tensor all = run(layer(true), {wave({2, 3, 2})}).out[0], last = run(layer(false), {wave({2, 3, 2})}).out[0];
      for (int64_t b = 0; b < 2; ++b)
        for (int64_t u = 0; u < 3; ++u) CHECK(last.at(b * 3 + u) == all.at((b * 3 + 2) * 3 + u));
    }
}

TEST_CASE("a stateful layer goes on where the last batch ended, in any mode; a run of both halves is a run of the whole") {
  const Tensor whole = wave({2, 6, 3});
  Tensor first(DType::float32, {2, 3, 3}), second(DType::float32, {2, 3, 3});
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t i = 0; i < 9; ++i) {
      first.mutable_values<float>()[static_cast<size_t>(b * 9 + i)] = static_cast<float>(whole.at(b * 18 + i));
      second.mutable_values<float>()[static_cast<size_t>(b * 9 + i)] = static_cast<float>(whole.at(b * 18 + 9 + i));
    }
  for (const bool training : {false, true}) {
    LayerRun halves, at_once;
    halves.training = at_once.training = training;
    const Layer layer(LSTM{.units = 4, .stateful = true}, {.name = "lstm"});
    halves(layer, {first});
    CHECK(halves.carried == std::vector<Shape>{{2, 4}, {2, 4}});
    CHECK(halves.paths.size() == 3);  // what it carries is no weight
    const Tensor end = halves(layer, {second}).out[0];
    CHECK(largest_difference(end, at_once(layer, {whole}).out[0]) < 1e-6);
    CHECK(halves.states.at("lstm/rnn_state") == end);
  }
}

TEST_CASE("dropout drops the same inputs and states at every step, and scales the others; inference drops none") {
  // With the identity as kernel and no recurrence the output is x times the mask.
  const int64_t n = 400;
  const Layer layer(SimpleRNN{.units = n, .activation = "linear", .use_bias = false, .kernel_initializer = "identity", .recurrent_initializer = "zeros", .dropout = 0.25, .return_sequences = true});
  Tensor ones(DType::float32, {2, 3, n});
  for (float& v : ones.mutable_values<float>()) v = 1;
  LayerRun run;
  const Tensor still = run(layer, {ones}).out[0];
  for (int64_t i = 0; i < still.size(); ++i) REQUIRE(still.at(i) == 1);
  run.training = true;
  const Tensor y = run(layer, {ones}).out[0];
  int kept = 0, differ = 0;
  for (int64_t u = 0; u < n; ++u) {
    for (int64_t b = 0; b < 2; ++b) {
      const double v = y.at(b * 3 * n + u);
      CHECK((v == 0 || v == doctest::Approx(4.0 / 3)));
      for (int64_t t = 1; t < 3; ++t) REQUIRE(y.at((b * 3 + t) * n + u) == v);
      kept += v != 0;
    }
    differ += y.at(u) != y.at(3 * n + u);
  }
  CHECK(kept > 0.68 * 2 * n);
  CHECK(kept < 0.82 * 2 * n);
  CHECK(differ > 0.25 * n);  // each sample has masks of its own
}

TEST_CASE("recurrent dropout drops other states for each gate, the same ones at every step, with exact gradients") {
  for (const Layer& layer : {Layer(LSTM{.units = 4, .dropout = 0.3, .recurrent_dropout = 0.4, .return_sequences = true}), Layer(GRU{.units = 4, .dropout = 0.3, .recurrent_dropout = 0.4}),
                             Layer(GRU{.units = 4, .recurrent_dropout = 0.4, .reset_after = false}), Layer(SimpleRNN{.units = 4, .dropout = 0.2, .recurrent_dropout = 0.4}),
                             Layer(LSTM{.units = 4, .dropout = 0.3, .implementation = 1}), Layer(GRU{.units = 4, .dropout = 0.3})}) {
    CAPTURE(text(layer.fields()));
    LayerRun run, still;
    run.training = true;
    CHECK(slope_error(run, layer, {wave({3, 4, 2})}) < 1e-7);
    const Tensor trained = run(layer, {wave({3, 4, 2})}).out[0];
    still.states = run.states;
    CHECK(largest_difference(trained, still(layer, {wave({3, 4, 2})}).out[0]) > 1e-3);
    still.training = true;
    CHECK(still(layer, {wave({3, 4, 2})}).out[0] == trained);  // the key is the same, and so are the masks
  }
  // Ones as states, identities as the gates' kernels: h = sum of the gates' masked ones, seen through the update's linear parts.
  LayerRun run;
  run.training = true;
  const Layer gates(LSTM{.units = 50, .activation = "linear", .recurrent_activation = "linear", .kernel_initializer = "zeros", .bias_initializer = "ones", .recurrent_dropout = 0.5, .return_state = true});
  run(gates, {wave({1, 1, 2})});
  const Tensor free = run.out[0];
  run.call["initial_state"] = {wave({1, 50}), wave({1, 50})};
  CHECK(largest_difference(run(gates, {wave({1, 1, 2})}).out[0], free) > 1e-3);
}

TEST_CASE("a seed of one's own makes dropout independent of the model's") {
  const Layer layer(GRU{.units = 8, .dropout = 0.5, .seed = 3});
  LayerRun a, b;
  a.training = b.training = true;
  b.states[random_key_state] = Tensor({3}, std::vector<int64_t>{99, 0, 0});
  CHECK(a(layer, {wave({2, 3, 8})}).out[0] == b(layer, {wave({2, 3, 8})}).out[0]);
}

TEST_CASE("the forget gate's bias begins with ones, and only where unit_forget_bias") {
  for (const bool ones : {false, true}) {
    LayerRun run;
    run(Layer(LSTM{.units = 3, .unit_forget_bias = ones}), {wave({1, 1, 2})});
    for (int64_t i = 0; i < 12; ++i) CHECK(run.states.at("lstm/lstm_cell/bias").at(i) == (ones && i >= 3 && i < 6 ? 1 : 0));
  }
}

TEST_CASE("initial states may be inputs: their gradients flow") {
  LayerRun as_inputs, by_name;
  const Tensors all = {wave({2, 3, 2}), wave({2, 4}, 1), wave({2, 4}, 2)};
  const Layer layer(LSTM{.units = 4});
  by_name.call["initial_state"] = {all[1], all[2]};
  CHECK(as_inputs(layer, all).out[0] == by_name(layer, {all[0]}).out[0]);
  CHECK(slope_error({}, layer, all) < 1e-7);
  CHECK(slope_error({}, Layer(Bidirectional{.layer = GRU{.units = 4, .return_sequences = true}}), {all[0], all[1], all[2]}) < 1e-7);
}

TEST_CASE("one sample, one step, no samples, no steps and long sequences are sequences") {
  for (const Layer& layer : {Layer(SimpleRNN{.units = 3, .return_state = true}), Layer(LSTM{.units = 3, .return_sequences = true}), Layer(GRU{.units = 3}), Layer(Bidirectional{.layer = LSTM{.units = 3, .return_sequences = true}})})
    for (const Shape& shape : {Shape{1, 1, 2}, Shape{1, 4, 2}, Shape{0, 4, 2}, Shape{2, 0, 2}, Shape{2, 500, 1}}) {
      CAPTURE(layer.class_name());
      CAPTURE(text(shape));
      LayerRun run;
      run(layer, {wave(shape)});
      CHECK(run.out[0].shape()[0] == shape[0]);
      for (const Tensor& t : run.slopes)
        for (int64_t i = 0; i < t.size(); ++i) REQUIRE(std::isfinite(t.at(i)));
    }
  CHECK(slope_error({}, Layer(LSTM{.units = 2}), {wave({1, 500, 1})}) < 1e-6);
}

TEST_CASE("TimeDistributed gives each step what the layer gives it alone, dropout other masks at each") {
  LayerRun each, alone;
  const Tensor x = wave({2, 3, 4});
  each(Layer(TimeDistributed{Dense{2, "tanh"}}), {x});
  CHECK(each.paths == std::vector<std::string>{"time_distributed/dense/kernel", "time_distributed/dense/bias"});
  alone.states = {{"dense/kernel", each.states.at("time_distributed/dense/kernel")}, {"dense/bias", each.states.at("time_distributed/dense/bias")}};
  CHECK(largest_difference(alone(Layer(Dense{2, "tanh"}), {x}).out[0], each.out[0]) < 1e-6);

  LayerRun run;
  run.training = true;
  Tensor ones(DType::float32, {1, 2, 300});
  for (float& v : ones.mutable_values<float>()) v = 1;
  const Tensor y = run(Layer(TimeDistributed{Dropout{0.5}}), {ones}).out[0];
  int differ = 0;
  for (int64_t i = 0; i < 300; ++i) differ += y.at(i) != y.at(300 + i);
  CHECK(differ > 100);
}

TEST_CASE("a layer that keeps a state sees the steps of TimeDistributed one after the other") {
  struct Counter {
    Value operator()(Value x, Scope& scope) const {
      const Value n = scope.weight("n", {}, "zeros", {.trainable = false});
      const Value next = scope.current(n) + 1.0;
      scope.update(n, next);
      return x * next;
    }
  };
  LayerRun run;
  run.training = true;
  Tensor ones(DType::float32, {1, 3, 1});
  for (float& v : ones.mutable_values<float>()) v = 1;
  CHECK(run(Layer(TimeDistributed{Layer(Counter{})}), {ones}, false).out[0] == Tensor({1, 3, 1}, std::vector<float>{1, 2, 3}));
  CHECK(run.states.at("time_distributed/layer/n").at(0) == 3);
}

TEST_CASE("what does not fit is refused by name") {
  CHECK(has(refused(Layer(LSTM{4}), {{5, 3}}), "lstm: a recurrent layer takes [batch, time, features], and was given [5, 3]; reshape it to [batch, time, 1]"));
  CHECK(has(refused(Layer(GRU{0}), {{5, 3, 2}}), "gru/gru_cell: GRUCell takes a positive number of units, and was given 0"));
  CHECK(has(refused(Layer(GRU{.units = 2, .dropout = 1.5}), {{5, 3, 2}}), "fractions to drop, from 0 to 1, and were given as 1.5 and 0"));
  CHECK(has(refused(Layer(LSTM{4}, {.name = "memory"}), {{5, 3, 2}, {5, 4}}), "memory: the initial states have shapes [[5, 4]], and the layer's states have [[5, 4], [5, 4]]"));
  CHECK(has(refused(Layer(LSTMCell{4}), {{5, 2}, {5, 4}}), "lstm_cell: LSTMCell takes one step and the states before it, [batch, features], [batch, 4], [batch, 4], and was given [[5, 2], [5, 4]]"));
  CHECK(has(refused(Layer(RNN{}), {{5, 3, 2}}), "rnn: RNN was given no cell"));
  CHECK(has(refused(Layer(Bidirectional{}), {{5, 3, 2}}), "Bidirectional was given no layer"));
  CHECK(has(refused(Layer(Bidirectional{.layer = Dense{3}}), {{5, 3, 2}}), "Bidirectional wraps LSTM, GRU, SimpleRNN or RNN, and was given a Dense"));
  CHECK(has(refused(Layer(Bidirectional{.layer = GRU{3}, .merge_mode = "summ"}), {{5, 3, 2}}), "merge_mode is concat, sum, mul, ave or null, and was 'summ' (did you mean 'sum'?)"));
  CHECK(has(refused(Layer(Bidirectional{.layer = GRU{.units = 3, .go_backwards = true}}), {{5, 3, 2}}), "one has go_backwards, and both were given true"));
  CHECK(has(refused(Layer(Bidirectional{.layer = GRU{3}, .backward_layer = GRU{.units = 3, .return_sequences = true, .go_backwards = true}}), {{5, 3, 2}}), "must agree in stateful"));
  CHECK(has(refused(Layer(TimeDistributed{Dense{3}}), {{5, 3}}), "TimeDistributed takes [batch, time, ...], at least three axes, and was given [5, 3]"));
  CHECK(has(refused(Layer(Embedding{.input_dim = 0, .output_dim = 3}), {{5, 3}}), "embedding: Embedding takes a positive input_dim"));
  CHECK(has(refused(Layer(Masking{}), {{5}}), "masking: Masking takes [batch, time, features], and was given [5]"));

  struct Wrong {
    std::vector<int64_t> state_size() const { return {2}; }
    std::vector<Value> operator()(std::vector<Value> in, Scope&) const { return {in[0], in[1], in[1]}; }
  };
  CHECK(has(refused(Layer(RNN{.cell = Wrong{}}), {{5, 3, 2}}), "has 1 states, so that a call of it returns 2 values, the output first; it returned 3"));
  struct Counting {
    std::vector<int64_t> state_size() const { return {2}; }
    std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const {
      scope.add_loss(sum(in[1]));
      return {in[1], in[1]};
    }
  };
  CHECK(has(refused(Layer(RNN{.cell = Counting{}}), {{5, 3, 2}}), "cannot add a penalty of what changes from step to step"));
}

TEST_CASE("a recurrent layer refuses keywords that its call does not take") {
  const auto said = [](const Layer& layer) {
    return error_of([&] {
      LayerRun run;
      run.call["inital_state"] = {wave({1, 2})};
      run(layer, {wave({1, 3, 2})});
    });
  };
  CHECK(has(said(Layer(LSTM{.units = 2})), "lstm: a call of a recurrent layer takes no 'inital_state' (did you mean 'initial_state'?); it takes [initial_state, mask, training]"));
  CHECK(has(said(Layer(Bidirectional{.layer = GRU{.units = 2}})), "bidirectional: a call of Bidirectional takes no 'inital_state'"));
}

TEST_CASE("two cells of a stack get names that differ, or were given them") {
  LayerRun run;
  run(Layer(RNN{.cell = std::vector<Cell>{LSTMCell{2}, LSTMCell{2}}}), {wave({1, 2, 2})});
  CHECK(run.paths[0] == "rnn/stacked_rnn_cells/lstm_cell/kernel");
  CHECK(run.paths[3] == "rnn/stacked_rnn_cells/lstm_cell_1/kernel");
  CHECK(has(refused(Layer(RNN{.cell = std::vector<Cell>{Cell(GRUCell{2}, {.name = "a"}), Cell(GRUCell{2}, {.name = "a"})}}), {{1, 2, 2}}), "two cells of one StackedRNNCells are named 'a'"));
}

TEST_CASE("a loop's weights get the sum over all steps, also twice: products, sums over samples, and what is neither") {
  std::mt19937 rng(2);
  const Tensors in = {noise({DType::float64, {4, 2, 3}}, rng), noise({DType::float64, {2, 3}}, rng), noise({DType::float64, {3, 3}}, rng), noise({DType::float64, {3}}, rng), noise({DType::float64, {2, 3}}, rng)};
  const Function f = [](const std::vector<Value>& v) {
    return scan({v[1]}, {v[0]}, [&](Values before, Values slices) {
      const Value h = tanh(matmul(before[0], v[2]) + v[3] + slices[0] * v[4]);  // a product, a sum over samples, neither
      return std::vector{h, h * before[0]};
    });
  };
  CHECK(gradient_error(in, f, rng) < 1e-7);
  const Function slopes = [&](const std::vector<Value>& v) {
    const std::vector<Value> y = f(v);
    return gradients(sum(square(y[0])) + sum(y[1]), v);
  };
  CHECK(gradient_error(in, slopes, rng) < 1e-7);
}
