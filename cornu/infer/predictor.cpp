#include "cornu/infer/predictor.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "cornu/base/error.h"
#include "cornu/compiler/compile.h"
#include "cornu/infer/parts.h"
#include "cornu/train/model_state.h"

namespace cornu {
namespace {

std::vector<Feed> feeds_of(const Model::State& s, const Samples& like) {
  if (!like.x.empty()) return signature_of(Mode::predict, like, 1).x;
  std::vector<Feed> feeds;
  const auto names = s.input_names();
  for (size_t i = 0; i < s.input_shapes.size(); ++i) {
    Shape shape = s.input_shapes[i];
    const int64_t batch = shape[0];
    require<UnsupportedError>(batch == Shape::unknown, "the model's Input asks for batches of ", batch, "; a Predictor takes any number of samples, so use model.predict_on_batch");
    shape[0] = 1;
    require(shape.is_known(), "the model's input '", names[i], "' has shape ", s.input_shapes[i], ": a Predictor is made for one size; give it samples of that size as .like");
    feeds.push_back({{s.input_types[i], std::move(shape)}, 1});
  }
  return feeds;
}

bool is_quantized(std::string_view how) {
  constexpr std::string_view known[] = {"int8"}, of_keras[] = {"int4", "float8", "gptq", "awq"};
  require<UnsupportedError>(std::find(std::begin(of_keras), std::end(of_keras), how) == std::end(of_keras), "cornu does not quantize to '", how, "'; it does to \"int8\"");
  require(how.empty() || how == known[0], "quantize is \"int8\" or empty, and was '", printable(how), "'", did_you_mean(how, known));
  return !how.empty();
}

/// Without the batch.
int64_t numbers(const TensorType& t) { return t.shape.drop_front().elements(); }

}  // namespace

struct Predictor::State {
  std::vector<std::string> input_names;
  std::vector<Feed> feeds;                 // of one sample
  std::vector<TensorType> inputs, outputs; // with an unknown batch axis
  std::vector<size_t> input_bytes, output_bytes;
  size_t x_numbers = 0, y_numbers = 0;     // of the first input and output
  bool of_floats = false;                  // one input and one output, and these float32
  CompileOptions options;
  std::vector<std::unique_ptr<infer::Part>> parts;  // of 1, 2, 4, ... samples
  std::mutex compiling;
  infer::SharedConstants constants;

  State(Model::State& model, const PredictorOptions& o);
  void add_part(Model::State& model, infer::Weights& weights, int64_t samples, bool int8);
  infer::Executions& executions(infer::Part& part) {
    return part.executions(compiling, [this](const Graph& graph) { return compile(graph, options); });
  }
  infer::Part& part_for(int64_t samples) {
    const auto place = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(samples)) - 1);
    return samples >= parts.back()->samples() ? *parts.back() : *parts[place];
  }
  /// Moves the pointers along.
  void run(std::span<const std::byte*> x, std::span<std::byte*> y, int64_t samples);
  void check(const Tensor& x, size_t i) const;
};

Predictor::State::State(Model::State& model, const PredictorOptions& o) : input_names(model.input_names()) {
  const bool int8 = is_quantized(o.quantize);
  require(o.max_batch >= 1 && o.max_batch <= 4096, "max_batch is from 1 to 4096, and was ", o.max_batch);
  Samples like;
  if (!o.like.empty()) {
    like.x = inputs_of(model, o.like, "a Predictor");
    build_for(model, like);
  }
  model.require_built();
  require<UnsupportedError>(model.carried.empty(), "the model '", model.name, "' has stateful layers, and a Predictor keeps nothing from one call to the next; use model.predict_on_batch");
  feeds = feeds_of(model, like);
  options = {.transposed_states = {}, .bfloat16_products = model.policy.bfloat16_products, .bfloat16_products_of = model.rounding};
  infer::Weights weights;  // copied once for all parts
  for (int64_t samples = 1; samples < o.max_batch; samples *= 2) add_part(model, weights, samples, int8);
  add_part(model, weights, o.max_batch, int8);
  for (const Feed& f : feeds) {
    inputs.push_back(f.type);
    inputs.back().shape[0] = Shape::unknown;
    input_bytes.push_back(f.type.bytes());
  }
  x_numbers = static_cast<size_t>(numbers(inputs[0])), y_numbers = static_cast<size_t>(numbers(outputs[0]));
  of_floats = inputs.size() == 1 && outputs.size() == 1 && feeds[0].type.dtype == DType::float32 && feeds[0].scale == 1 && outputs[0].dtype == DType::float32;
  executions(*parts[0]);
}

void Predictor::State::add_part(Model::State& model, infer::Weights& weights, int64_t samples, bool int8) {
  Signature signature{.mode = Mode::predict, .x = feeds};
  for (Feed& f : signature.x) f.type.shape[0] = samples;
  auto graph = trace_step(model, signature);
  for (const Node& node : graph->nodes)
    if (node.kind == Node::Kind::state && !weights.contains(node.name)) {
      require<UnsupportedError>(model.store.contains(node.name), "the model '", model.name, "' keeps '", node.name, "' from batch to batch, and a Predictor keeps nothing; use model.predict_on_batch");
      weights.emplace(node.name, model.store.get(node.name));
    }
  const bool first = outputs.empty();
  for (size_t k = 0; k < graph->outputs.size(); ++k) {
    const TensorType& type = graph->outputs[k].type();
    require<UnsupportedError>(type.shape.rank() > 0 && type.shape[0] == samples, "the output '", model.output_names()[k], "' of ", samples, samples == 1 ? " sample" : " samples", " has shape ", type.shape,
                              ": a Predictor is for models that give each sample a row; use model.predict_on_batch");
    if (!first) continue;
    outputs.push_back(type);
    output_bytes.push_back(type.bytes());  // of one sample
    outputs.back().shape[0] = Shape::unknown;
  }
  auto constant = infer::frozen(*graph, weights, int8);
  constants.share(*constant);
  parts.push_back(std::make_unique<infer::Part>(samples, std::move(constant)));
}

void Predictor::State::run(std::span<const std::byte*> x, std::span<std::byte*> y, int64_t samples) {
  while (samples > 0) {
    infer::Part& part = part_for(samples);
    const auto n = static_cast<size_t>(part.samples());
    {
      const infer::Executions::Loan execution = executions(part).borrow();
      for (size_t i = 0; i < x.size(); ++i) execution->bind_input(static_cast<int>(i), x[i]), x[i] += n * input_bytes[i];
      execution->run();
      for (size_t k = 0; k < y.size(); ++k) {
        std::memcpy(y[k], execution->output(static_cast<int>(k)), n * output_bytes[k]);
        y[k] += n * output_bytes[k];
      }
    }
    samples -= part.samples();
  }
}

void Predictor::State::check(const Tensor& x, size_t i) const {
  const Feed& f = feeds[i];
  bool fits = x.dtype() == f.type.dtype && x.scale() == f.scale && x.shape().rank() == f.type.shape.rank();
  for (int a = 1; fits && a < x.shape().rank(); ++a) fits = x.shape()[a] == f.type.shape[a];
  const auto with_scale = [](double scale) { return scale == 1 ? std::string() : text(" in units of ", scale); };
  require<ShapeError>(fits, "the Predictor was made for ", name_in_group("x", input_names, i), " of type ", inputs[i], with_scale(f.scale), ", and was given ", x.dtype(), x.shape(), with_scale(x.scale()),
                      "; for others make another, with such samples as .like");
}

Predictor::Predictor(Model& model, PredictorOptions options) : state_(std::make_unique<State>(model.state(), options)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

void Predictor::predict(std::span<const float> x, std::span<float> y) const {
  State& s = *state_;
  require<ShapeError>(s.of_floats, "a Predictor answers to spans of float32 where the model has one input and one output of that type; this one's are ", s.inputs, " and ", s.outputs,
                      "; give it tensors");
  const size_t samples = s.x_numbers == 0 ? 0 : x.size() / s.x_numbers;
  require<ShapeError>(samples * s.x_numbers == x.size() && samples * s.y_numbers == y.size(), "x holds ", x.size(), " numbers and y ", y.size(), "; a sample has ", s.x_numbers,
                      " and its answer ", s.y_numbers);
  const auto* from = reinterpret_cast<const std::byte*>(x.data());
  auto* to = reinterpret_cast<std::byte*>(y.data());
  s.run({&from, 1}, {&to, 1}, static_cast<int64_t>(samples));
}

void Predictor::predict(const Tensor& x, Tensor& y) const {
  State& s = *state_;
  require(s.inputs.size() == 1 && s.outputs.size() == 1, "the model has ", s.inputs.size(), " inputs and ", s.outputs.size(), " outputs; call predict_all");
  s.check(x, 0);
  const int64_t samples = x.shape()[0];
  bool fits = y.dtype() == s.outputs[0].dtype && y.shape().rank() == s.outputs[0].shape.rank() && y.shape()[0] == samples;
  for (int a = 1; fits && a < y.shape().rank(); ++a) fits = y.shape()[a] == s.outputs[0].shape[a];
  require<ShapeError>(fits, "the answers to ", samples, " samples are ", s.outputs[0], ", and y is ", y.dtype(), y.shape());
  const auto* from = static_cast<const std::byte*>(x.data());
  auto* to = static_cast<std::byte*>(y.mutable_data());
  s.run({&from, 1}, {&to, 1}, samples);
}

Tensor Predictor::predict(const Tensor& x) const {
  const State& s = *state_;
  require(s.outputs.size() == 1, "the model has ", s.outputs.size(), " outputs; call predict_all");
  s.check(x, 0);
  TensorType type = s.outputs[0];
  type.shape[0] = x.shape()[0];
  Tensor y(type.dtype, type.shape);
  predict(x, y);
  return y;
}

std::vector<Tensor> Predictor::predict_all(const TensorGroup& x) const {
  State& s = *state_;
  const std::vector<Tensor> in = x.in_order(s.input_names, "x", "input");
  std::vector<const std::byte*> from;
  std::vector<std::byte*> to;
  for (size_t i = 0; i < in.size(); ++i) {
    s.check(in[i], i);
    require<ShapeError>(in[i].shape()[0] == in[0].shape()[0], name_in_group("x", s.input_names, i), " has ", in[i].shape()[0], " samples and ", name_in_group("x", s.input_names, 0), " has ", in[0].shape()[0]);
    from.push_back(static_cast<const std::byte*>(in[i].data()));
  }
  std::vector<Tensor> answers;
  for (TensorType type : s.outputs) {
    type.shape[0] = in[0].shape()[0];
    to.push_back(static_cast<std::byte*>(answers.emplace_back(type.dtype, type.shape).mutable_data()));
  }
  s.run(from, to, in[0].shape()[0]);
  return answers;
}

const std::vector<TensorType>& Predictor::input_types() const { return state_->inputs; }
const std::vector<TensorType>& Predictor::output_types() const { return state_->outputs; }

int64_t Predictor::weight_bytes() const { return state_->constants.bytes(); }

std::string Predictor::program_text(int64_t samples) const {
  require(samples >= 1, "a part has one sample or more, not ", samples);
  return to_text(state_->executions(state_->part_for(samples)).program());
}

std::string Predictor::profile_text(int64_t samples, int runs) const {
  require(samples >= 1 && runs >= 1, "a profile takes one sample and one run or more");
  State& s = *state_;
  infer::Part& part = s.part_for(samples);
  const infer::Executions::Loan execution = s.executions(part).borrow();
  std::vector<Tensor> zeros;
  for (size_t i = 0; i < s.inputs.size(); ++i) {
    Shape shape = s.inputs[i].shape;
    shape[0] = part.samples();
    execution->bind_input(static_cast<int>(i), zeros.emplace_back(s.inputs[i].dtype, shape).data());
  }
  Profile profile;
  execution->run();
  for (int i = 0; i < runs; ++i) execution->run(profile);
  return to_text(profile, execution->program());
}

}  // namespace cornu
