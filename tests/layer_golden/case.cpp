#include "case.h"

#include <cmath>

#include "cornu/base/team.h"
#include "tests/count_allocations.h"

namespace cornu::testing {
namespace {

Tensor as_float(const Tensor& t, DType dtype) { return is_float(t.dtype()) ? t.cast(dtype) : t; }

/// NumPy's name of a dtype.
DType plain(const std::string& dtype) { return dtype == "bool" ? DType::boolean : dtype_named(dtype); }

// The dtype of call values is not in the file: lists of true and false are masks.
DType dtype_of(const Config& c) {
  const Config* at = &c;
  while (at->is_list() && !at->as_list().empty()) at = &at->as_list()[0];
  return at->is_bool() ? DType::boolean : DType::float32;
}

Tensor seed_for(const Case& c, size_t output, const Shape& shape) {
  if (output < c.seeds.size() && c.seeds[output].shape() == shape) return c.seeds[output];
  Tensor wave(DType::float32, shape);
  double at = 0;
  for (float& v : wave.mutable_values<float>()) v = static_cast<float>(std::sin(at += 0.7));
  return wave;
}

/// The states go on changing in memory of their own.
int64_t allocations_of_two_runs(Execution& run, std::map<std::string, Tensor> states) {
  for (size_t i = 0; i < run.program().states.size(); ++i) run.bind_state(static_cast<int>(i), states.at(run.program().states[i].name).mutable_data());
  run.run();
  const int64_t before = allocations;
  run.run();
  run.run();
  return allocations - before;
}

}  // namespace

Case read_case(const Config& c) {
  Case out{.layer = layer_from_config(c["serialized"]), .training = c["training"].as_bool()};
  for (size_t i = 0; i < c["inputs"].as_list().size(); ++i) {
    out.inputs.push_back(tensor(c["inputs"].as_list()[i], plain(c["dtypes"].as_list()[i].as_string())));
    const Config& mask = c["masks"].as_list()[i];
    out.masks.push_back(mask.is_null() ? std::nullopt : std::optional(tensor(mask, DType::boolean)));
  }
  for (const auto& [name, list] : c["call_values"].as_dict())
    for (const Config& value : list.as_list()) out.call_values[name].push_back(tensor(value, dtype_of(value)));
  out.call_options = c["call_options"];
  for (const Config& w : c["weights"].as_list()) out.weights.emplace_back(w["path"].as_string(), tensor(w["value"], DType::float32, w["shape"]));
  for (const Config& s : c["seeds"].as_list()) out.seeds.push_back(tensor(s, DType::float32));
  return out;
}

Answer answer(const Case& c, DType dtype, bool with_gradients) { return std::move(answers_on(c, dtype, with_gradients, {1})[0]); }

std::vector<Answer> answers_on(const Case& c, DType dtype, bool with_gradients, const std::vector<int>& threads) {
  Graph g;
  Scope scope(g, {.training = c.training, .dtype = dtype});
  Tensors fed;
  const auto feed = [&](const std::string& name, const Tensor& t) {
    fed.push_back(as_float(t, dtype));
    return g.input(name, {fed.back().dtype(), t.shape()});
  };
  std::vector<Value> x;
  for (size_t i = 0; i < c.inputs.size(); ++i) x.push_back(feed("x" + std::to_string(i), c.inputs[i]));
  for (size_t i = 0; i < c.inputs.size(); ++i)
    if (c.masks[i]) scope.set_mask(x[i], feed("mask" + std::to_string(i), *c.masks[i]));
  CallArguments call{.options = c.call_options};
  for (const auto& [name, list] : c.call_values)
    for (size_t i = 0; i < list.size(); ++i) call.values[name].push_back(feed(text(name, i), list[i]));

  const std::vector<Value> out = c.layer(x, scope, call);
  std::vector<Value> of, seeds, with;
  for (const Value y : out) g.output(y);
  for (const Value y : scope.losses()) g.output(y);
  const std::optional<Value> mask = scope.mask(out[0]);
  if (mask) g.output(*mask);
  size_t gradients_of_inputs = 0;
  if (with_gradients) {
    for (size_t i = 0; i < out.size(); ++i)
      if (is_float(out[i].dtype())) of.push_back(out[i]), seeds.push_back(g.constant(seed_for(c, i, out[i].shape()).cast(dtype)));
    for (const Value v : x)
      if (is_float(v.dtype())) with.push_back(v);
    gradients_of_inputs = with.size();
    for (size_t i = 0; i < scope.variables().size(); ++i)
      if (scope.variables()[i].trainable) with.push_back(scope.values()[i]);
    if (of.empty())  // integers: nothing flows
      for (const Value v : with) g.output(g.constant(Tensor(v.dtype(), v.shape())));
    else
      for (const Value slope : gradients(of, with, seeds)) g.output(slope);
  }
  scope.finish();

  const std::shared_ptr<const Program> program = compile(g);
  std::vector<Answer> answers;
  for (const int count : threads) {
    Answer& a = answers.emplace_back();
    for (const Variable& v : scope.variables()) a.paths.push_back(v.path), a.trainable.push_back(v.trainable);
    a.parallel = program->parallel;
    Team team(count);
    Execution run(program, count > 1 ? &team : nullptr);
    for (size_t i = 0; i < fed.size(); ++i) run.bind_input(static_cast<int>(i), fed[i].data());
    for (size_t i = 0; i < program->states.size(); ++i) {
      const std::string& name = program->states[i].name;
      if (name == random_key_state) a.states[name] = Tensor({3}, std::vector<int64_t>{1, 0, 0});
      for (const auto& [path, value] : c.weights)
        if (path == name) a.states[name] = as_float(value, dtype);
      require(a.states.contains(name), "Keras has no weight '", name, "'");
      require<ShapeError>(a.states[name].shape() == program->states[i].type.shape, "Keras has a '", name, "' of shape ", a.states[name].shape(), ", and these inputs ask for ", program->states[i].type.shape);
      run.bind_state(static_cast<int>(i), a.states[name].mutable_data());
    }
    run.run();

    int k = 0;
    for (size_t i = 0; i < out.size(); ++i) a.outputs.push_back(run.output_tensor(k++));
    for (size_t i = 0; i < scope.losses().size(); ++i) a.penalties += run.output_tensor(k++).at(0);
    if (mask) a.mask = run.output_tensor(k++);
    for (size_t i = 0; i < with.size(); ++i) (i < gradients_of_inputs ? a.input_gradients : a.weight_gradients).push_back(run.output_tensor(k++));
    if (dtype == DType::float32) a.allocations = allocations_of_two_runs(run, a.states);
  }
  return answers;
}

}  // namespace cornu::testing
