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

std::string_view Model::dtype_policy() const { return state_->policy.name; }
void Model::set_dtype_policy(std::string_view name) {
  State& s = *state_;
  const DtypePolicy policy = DtypePolicy::named(name);
  require(!compiled(), "the dtype policy is set before the model is compiled");
  if (policy == s.policy) return;
  s.set_policy(policy);
  if (!built()) return;
  std::vector<TensorType> inputs;
  for (size_t i = 0; i < s.input_shapes.size(); ++i) inputs.push_back({s.input_types[i], s.input_shapes[i]});
  for (const Variable& v : s.variables) {
    s.store.remove(v.path);
    for (const WeightOwner& owner : v.owners)
      std::erase_if(owner.weights->entries, [&](const LayerWeights::Entry& e) { return e.path == owner.path; });
  }
  s.output_shapes.clear();
  s.forget_programs();
  build_model(s, inputs);
}

bool Model::compiled() const { return state_->config.has_value(); }

int64_t Model::iterations() const {
  const State& s = *state_;
  return s.has_slots ? s.config->optimizer.iterations(static_cast<int64_t>(s.store.scalar(Optimizer::iteration_path))) : 0;
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

// ---- description

Config Model::to_config() const { return model_config(*state_); }
std::string Model::to_json() const { return write_json(to_config()); }

std::string Model::program_text(std::string_view mode, int64_t batch_size) {
  State& s = *state_;
  s.require_built();
  constexpr std::string_view modes[] = {"train", "test", "predict"};
  const auto found = std::find(std::begin(modes), std::end(modes), mode);
  require(found != std::end(modes), "a program's mode is train, test or predict; it was '", printable(mode), "'", did_you_mean(mode, modes));
  Signature signature{.mode = static_cast<Mode>(found - std::begin(modes))};
  const auto batch = [&](const Shape& shape) { return Shape{batch_size} + shape.drop_front(); };
  for (size_t i = 0; i < s.input_shapes.size(); ++i) signature.x.push_back({{i < s.input_types.size() ? s.input_types[i] : DType::float32, batch(s.input_shapes[i])}});
  if (signature.mode != Mode::predict) {
    s.require_compiled("program_text");
    create_slots(s);
    create_metrics(s);
    for (const Objective& o : s.objectives.losses) {
      const bool labels = o.loss.name().find("sparse") != std::string::npos;
      const Shape shape = batch(s.output_shapes[o.output]);
      signature.y.push_back({labels ? TensorType{DType::int64, shape.drop_back()} : TensorType{DType::float32, shape}});
    }
  }
  return to_text(step_for(s, signature).execution.program());
}

std::string Model::profile_text(const TensorGroup& x, const TensorGroup& y, int64_t batch_size, int runs) {
  State& s = *state_;
  s.require_compiled("profile_text");
  Samples batch = samples_of(s, x, y, {}, {}, "profile_text");
  batch = batch.part(0, std::min(batch_size, batch.rows()));
  build_for(s, batch);
  std::vector<Tensor> before = get_weights(), slots;
  for (const OptimizerVariable& v : optimizer_variables(s)) slots.push_back(s.store.get(v.path));
  Step& step = step_for(s, signature_of(Mode::train, batch, batch.rows()));
  run_step(step, batch);  // binds the batch
  Profile profile;
  for (int i = 0; i < runs; ++i) step.execution.run(profile);
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
