#include "cornu/train/model.h"

#include <algorithm>
#include <cstring>

#include "cornu/base/random.h"
#include "cornu/compiler/compile.h"
#include "cornu/io/json.h"
#include "cornu/train/model_file.h"
#include "cornu/train/model_state.h"

namespace cornu {

Model::Model(std::string name) : state_(std::make_unique<State>(std::move(name), std::make_shared<Chain>())) {}
Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::Model(SymbolGroup inputs, SymbolGroup outputs, std::string name)
    : state_(std::make_unique<State>(std::move(name), std::make_shared<Functional>(std::move(inputs), std::move(outputs)))) {
  build_if_input_is_known(*state_);
}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const std::string& Model::name() const { return state_->name; }
const std::vector<Layer>& Model::layers() const { return state_->wiring->layers(); }

void Model::build(const Shape& input_shape) {
  require<ShapeError>(input_shape.rank() >= 1 && input_shape.drop_front().is_known(), "build takes the input's shape with the batch axis first, such as {Shape::unknown, 784}, and was given ", input_shape);
  build_model(*state_, {DType::float32, Shape{2} + input_shape.drop_front()});
}

bool Model::built() const { return state_->built(); }
Shape Model::input_shape() const { return state_->input_shape(); }
Shape Model::output_shape() const { return state_->output_shape(); }
std::vector<Shape> Model::input_shapes() const { return state_->require_built(), state_->input_shapes; }
std::vector<Shape> Model::output_shapes() const { return state_->require_built(), state_->output_shapes; }
std::vector<std::string> Model::input_names() const { return state_->input_names(); }
std::vector<std::string> Model::output_names() const { return state_->output_names(); }

uint64_t Model::seed() const { return state_->seed; }
void Model::set_seed(uint64_t seed) {
  State& s = *state_;
  require(iterations() == 0, "the seed is set before training begins; this model has been trained for ", iterations(), " steps");
  s.seed = seed;
  if (!built()) return;
  for (const Variable& v : s.variables) s.store.set(v.path, v.initializer(v.type.shape, v.type.dtype, seed, hash_name(v.path)));
  if (s.store.contains(random_key_state)) s.store.set(random_key_state, Tensor({3}, std::vector<int64_t>{static_cast<int64_t>(seed), 0, 0}));
}

bool Model::compiled() const { return state_->config.has_value(); }

int64_t Model::iterations() const {
  return state_->has_slots ? static_cast<int64_t>(state_->store.scalar(Optimizer::iteration_path)) : 0;
}

double Model::learning_rate() const {
  const State& s = *state_;
  s.require_compiled("learning_rate");
  const LearningRate rate = s.config->optimizer.options().learning_rate;
  if (rate.scheduled()) return rate.at(s.has_slots ? static_cast<int64_t>(s.store.scalar(Optimizer::iteration_path)) : 0);
  return s.has_slots ? s.store.scalar(Optimizer::learning_rate_path) : rate.number();
}

void Model::set_learning_rate(double rate) {
  State& s = *state_;
  s.require_compiled("set_learning_rate");
  require(rate >= 0, "a learning rate is not negative; it was ", rate);
  require<UnsupportedError>(!s.config->optimizer.options().learning_rate.scheduled(), "the learning rate follows a schedule and cannot be set");
  create_slots(s);
  s.store.set_scalar(Optimizer::learning_rate_path, rate);
}

// ---- one batch

namespace {

void check_batch(const Model::State& s, const Tensor& x, std::string_view what) {
  require<ShapeError>(x.shape().rank() > 0, what, " takes a batch of samples, and was given a single number");
  require(x.shape()[0] > 0, what, " was given no samples: x has shape ", x.shape());
  require(!s.wiring->layers().empty(), "the model '", s.name, "' has no layers");
}

Logs one_batch(Model::State& s, Mode mode, const Tensor& x, const Tensor& y, const std::optional<Tensor>& sample_weight, std::string_view what) {
  s.require_compiled(what);
  check_batch(s, x, what);
  build_model(s, {x.dtype(), x.shape()});
  create_slots(s);
  std::optional<Tensor> weight;
  if (sample_weight) {
    require<ShapeError>(sample_weight->size() == x.shape()[0], "sample_weight has ", sample_weight->size(), " numbers for ", x.shape()[0], " samples");
    weight = sample_weight->cast(DType::float32);
  }
  const Tensor labels = y.scale() == 1 ? y : y.cast(DType::float32);
  Step& step = step_for(s, {mode, {x.dtype(), x.shape()}, x.scale(), TensorType{labels.dtype(), labels.shape()}, weight.has_value()});
  clear_metrics(s);
  run_step(step, x.data(), labels.data(), weight ? weight->data() : nullptr);
  return read_metrics(s);
}

}  // namespace

Logs Model::train_on_batch(const Tensor& x, const Tensor& y, const std::optional<Tensor>& sample_weight) {
  return one_batch(*state_, Mode::train, x, y, sample_weight, "train_on_batch");
}

Logs Model::test_on_batch(const Tensor& x, const Tensor& y, const std::optional<Tensor>& sample_weight) {
  return one_batch(*state_, Mode::test, x, y, sample_weight, "test_on_batch");
}

namespace {
Step& predicting_step(Model::State& s, const Tensor& x) {
  if (Step* last = s.programs.last_predicting(x.dtype(), x.shape(), x.scale())) return *last;
  check_batch(s, x, "predict_on_batch");
  build_model(s, {x.dtype(), x.shape()});
  return step_for(s, {Mode::predict, {x.dtype(), x.shape()}, x.scale()});
}
}  // namespace

Tensor Model::predict_on_batch(const Tensor& x) {
  Step& step = predicting_step(*state_, x);
  run_step(step, x.data());
  return step.execution.output_tensor(0);
}

void Model::predict_into(const Tensor& x, Tensor& y) {
  Step& step = predicting_step(*state_, x);
  const TensorType& type = step.execution.program().outputs[0].type;
  require<ShapeError>(y.dtype() == type.dtype && y.shape() == type.shape, "predict_into writes a ", type, ", and was given a ", y.dtype(), y.shape());
  run_step(step, x.data());
  std::memcpy(y.mutable_data(), step.execution.output(0), type.bytes());
}

// ---- description

Config Model::to_config() const { return model_config(*state_); }
std::string Model::to_json() const { return write_json(to_config()); }

std::string Model::program_text(std::string_view mode, int64_t batch_size) {
  State& s = *state_;
  s.require_built();
  constexpr std::string_view modes[] = {"train", "test", "predict"};
  const auto found = std::find(std::begin(modes), std::end(modes), mode);
  require(found != std::end(modes), "a program's mode is train, test or predict; it was '", printable(mode), "'", did_you_mean(mode, modes));
  Signature signature{static_cast<Mode>(found - std::begin(modes)), {DType::float32, Shape{batch_size} + s.input_shape().drop_front()}};
  if (signature.mode != Mode::predict) {
    s.require_compiled("program_text");
    create_slots(s);
    const bool labels = s.config->loss.name().find("sparse") != std::string::npos;
    signature.y = labels ? TensorType{DType::int64, {batch_size}} : TensorType{DType::float32, Shape{batch_size} + s.output_shape().drop_front()};
  }
  return to_text(step_for(s, signature).execution.program());
}

std::string Model::profile_text(const Tensor& x, const Tensor& y, int64_t batch_size, int runs) {
  State& s = *state_;
  s.require_compiled("profile_text");
  const Tensor batch = x.rows(0, std::min(batch_size, x.shape()[0])), labels = y.rows(0, batch.shape()[0]);
  build_model(s, {batch.dtype(), batch.shape()});
  create_slots(s);
  std::vector<Tensor> before = get_weights(), slots;
  for (const OptimizerVariable& v : optimizer_variables(s)) slots.push_back(s.store.get(v.path));
  Step& step = step_for(s, {Mode::train, {batch.dtype(), batch.shape()}, batch.scale(), TensorType{labels.dtype(), labels.shape()}});
  Profile profile;
  for (int i = 0; i < runs; ++i) {
    step.execution.bind_input(0, batch.data());
    step.execution.bind_input(1, labels.data());
    step.execution.run(profile);
  }
  set_weights(before);
  size_t i = 0;
  for (const OptimizerVariable& v : optimizer_variables(s)) s.store.set(v.path, slots[i++]);
  return to_text(profile, step.execution.program());
}

// ---- files

void Model::save(const std::string& path) const { save_model(*state_, path); }
void Model::save_weights(const std::string& path) const { save_model_weights(*state_, path); }
void Model::load_weights(const std::string& path) { load_model_weights(*state_, path); }

}  // namespace cornu
