// Writes models of every layer and optimizer, with what they predict and how training goes on, into keras_files/ of the build
// folder: tests/golden/check_cornu_files.py reads them in real Keras. Here each must come back as it was.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/train/rows.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

void write_for_keras(const std::string& name, Model model, const Tensor& x, const Tensor& y, bool random = false) {
  constexpr int64_t batch = 4, before = 3, after = 20;
  CAPTURE(name);
  const std::filesystem::path folder = std::filesystem::path(CORNU_BINARY_DIR) / "keras_files";
  std::filesystem::create_directories(folder);
  const auto step = [&](Model& m, int64_t s) { return m.train_on_batch(x.rows(s * batch, (s + 1) * batch), y.rows(s * batch, (s + 1) * batch)).at("loss"); };
  if (model.compiled())
    for (int64_t s = 0; s < before; ++s) step(model, s);
  const std::string path = folder / (name + ".keras");
  model.save(path);
  Config expected = Config::dict();
  expected.set("x", rows_of(x.rows(0, 8))).set("predictions", rows_of(model.predict_on_batch(x.rows(0, 8))));
  if (model.compiled() && !random) {
    Config::List losses;
    Model again = load_model(path);
    for (int64_t s = before; s < before + after; ++s) {
      losses.push_back(step(model, s));
      CHECK(step(again, s) == losses.back().as_double());
    }
    Config next = Config::dict();
    next.set("batch_size", batch).set("losses", losses).set("x", rows_of(x.rows(before * batch, (before + after) * batch)));
    next.set("y", rows_of(y.rows(before * batch, (before + after) * batch)));
    expected.set("next", next);
  }
  std::ofstream(folder / (name + ".json")) << write_json(expected);
}

const Tensor x = some_x(4 * 23), y = some_y(x);

Sequential with(Optimizer optimizer) {
  Sequential model{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  model.compile({.optimizer = std::move(optimizer), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

}  // namespace

TEST_CASE("files of every optimizer are written for Keras and come back alike") {
  write_for_keras("adam", with("adam"), x, y);
  write_for_keras("adam_options", with(Adam{.learning_rate = 0.01, .beta_1 = 0.8, .epsilon = 1e-5, .amsgrad = true, .clipnorm = 0.5, .name = "mine"}), x, y);
  write_for_keras("adamw", with(AdamW{.learning_rate = 0.01, .weight_decay = 0.1, .global_clipnorm = 0.5}), x, y);
  write_for_keras("sgd", with("sgd"), x, y);
  write_for_keras("sgd_nesterov", with(SGD{.learning_rate = 0.05, .momentum = 0.9, .nesterov = true, .clipvalue = 0.1}), x, y);
  write_for_keras("rmsprop", with("rmsprop"), x, y);
  write_for_keras("rmsprop_centered", with(RMSprop{.learning_rate = 0.01, .momentum = 0.5, .centered = true}), x, y);
  write_for_keras("adam_averages", with(Adam{.learning_rate = 0.01, .use_ema = true, .ema_momentum = 0.8, .ema_overwrite_frequency = 3, .gradient_accumulation_steps = 2}), x, y);
  write_for_keras("adam_scaled", with(Adam{.learning_rate = 0.01, .loss_scale_factor = 64}), x, y);
  write_for_keras("loss_scale", with(LossScaleOptimizer{.inner_optimizer = Adam{.learning_rate = 0.01}, .initial_scale = 64, .dynamic_growth_steps = 5}), x, y);
  write_for_keras("adagrad", with(Adagrad{.learning_rate = 0.05, .initial_accumulator_value = 0.02}), x, y);
  write_for_keras("adadelta", with(Adadelta{.learning_rate = 1}), x, y);
  write_for_keras("adamax", with("adamax"), x, y);
  write_for_keras("nadam", with("nadam"), x, y);
  write_for_keras("ftrl", with(Ftrl{.learning_rate = 0.1, .l1_regularization_strength = 0.001, .beta = 0.1}), x, y);
  write_for_keras("lion", with("lion"), x, y);
  write_for_keras("adafactor", with("adafactor"), x, y);
  write_for_keras("muon", with("muon"), x, y);
  write_for_keras("lamb", with(Lamb{.learning_rate = 0.01, .weight_decay = 0.1}), x, y);
  write_for_keras("schedule_free", with(ScheduleFreeAdamW{.learning_rate = 0.01, .warmup_steps = 5}), x, y);
  write_for_keras("schedule", with(SGD{.learning_rate = ExponentialDecay{.initial_learning_rate = 0.1, .decay_steps = 5, .decay_rate = 0.5}}), x, y);
  write_for_keras("cosine", with(Adam{.learning_rate = CosineDecay{.initial_learning_rate = 0.01, .decay_steps = 30}}), x, y);
}

TEST_CASE("files of every layer, loss and regularizer are written for Keras and come back alike") {
  const Tensor cube = x.reshaped({x.shape()[0], 2, 4});
  Sequential layers{Input{2, 4},
                    Layer(Rescaling{0.5, 0.125}, {.name = "scale"}),
                    Flatten{},
                    Layer(Dense{.units = 6, .kernel_regularizer = L2{0.01}, .bias_regularizer = L1{0.005}, .activity_regularizer = L1L2{0.001, 0.002}}, {.name = "hidden"}),
                    layers::Activation{"tanh"},
                    layers::Reshape{{2, 3}},
                    layers::Reshape{{-1}},
                    Layer(Dense{.units = 4, .activation = "relu", .kernel_constraint = MaxNorm{1.0}, .bias_constraint = NonNeg{}}, {.trainable = false}),
                    Dense{.units = 3, .activation = "softmax", .use_bias = false, .kernel_initializer = "he_normal"}};
  layers.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .weighted_metrics = {"sparse_categorical_crossentropy"}});
  write_for_keras("layers", std::move(layers), cube, y);

  Sequential dropout{Input{8}, Dropout{.rate = 0.25, .seed = 3}, Dense{3, "softmax"}};
  dropout.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  write_for_keras("dropout", std::move(dropout), x, y, true);

  Sequential logits{Input{8}, Dense{6, "gelu"}, Dense{3}};
  logits.compile({.optimizer = "adam", .loss = SparseCategoricalCrossentropy{.from_logits = true}, .metrics = {SparseCategoricalAccuracy{.name = "acc"}}});
  write_for_keras("logits", std::move(logits), x, y);

  Sequential bit{Input{8}, Dense{6, "relu"}, Dense{1, "sigmoid"}};
  bit.compile({.optimizer = "adam", .loss = BinaryCrossentropy{.label_smoothing = 0.1}, .metrics = {"accuracy", BinaryAccuracy{.threshold = 0.4}}});
  Tensor bits(DType::float32, {x.shape()[0], 1}), targets(DType::float32, {x.shape()[0], 1});
  for (int64_t i = 0; i < y.size(); ++i) {
    bits.mutable_values<float>()[static_cast<size_t>(i)] = y.at(i) > 0 ? 1 : 0;
    targets.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(x.at(8 * i) - x.at(8 * i + 1));
  }
  write_for_keras("binary", std::move(bit), x, bits);

  for (const char* loss : {"mse", "mae", "huber"}) {
    Sequential number{Input{8}, Dense{6, "swish"}, Dense{1}};
    number.compile({.optimizer = "adam", .loss = loss, .metrics = {"mae", RootMeanSquaredError{}}});
    write_for_keras(loss, std::move(number), x, targets);
  }
  Sequential huber{Input{8}, Dense{1}};
  huber.compile({.optimizer = "adam", .loss = Huber{.delta = 0.5}});
  write_for_keras("huber_delta", std::move(huber), x, targets);
  write_for_keras("uncompiled", Sequential{Input{8}, Dense{3, "softmax"}}, x, y);
  write_for_keras("without_input", [] {
    Sequential model{Dense{6, "relu"}, Dense{3, "softmax"}};
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
    return model;
  }(), x, y);
}

TEST_CASE("a layer of every activation and every initializer is written for Keras and comes back alike") {
  for (const char* activation : {"celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid",
                                 "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid",
                                 "squareplus", "swish", "tanh", "tanh_shrink"}) {
    write_for_keras(text("activation_", activation), Sequential{Input{8}, Dense{6, activation}, layers::Activation{std::string_view(activation) == "exponential" ? "tanh" : activation}}, x, y);
  }
  Sequential all{Input{8}};
  for (const char* initializer : {"ones", "random_normal", "random_uniform", "truncated_normal", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
                                  "lecun_normal", "variance_scaling", "orthogonal", "identity"})
    all.add(Dense{.units = 8, .activation = "softsign", .kernel_initializer = initializer});
  write_for_keras("initializers", std::move(all), x, y);
}

TEST_CASE("files of graphs are written for Keras and come back alike: shared layers, models in models, ops") {
  const Tensor targets = some_x(x.shape()[0], 2, 9);
  const auto compiled = [](Model model) {
    model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "mse"});
    return model;
  };
  const Symbol in = input({8}, {.name = "features"}), h = input({4});
  const Layer fc{Dense{8, "tanh"}, {.name = "fc"}};
  write_for_keras("graph_shared", compiled(Model{in, (fc(fc(in)) - fc(in) * 2.0) | Dense{2}}), x, targets);

  Model head{h, h | Dense{4, "sigmoid"}, "head"};
  Sequential tower{Input{8}, Dense{6, "tanh"}, Dense{4}};
  const Symbol t = tower(in);
  write_for_keras("graph_nested", compiled(Model{in, (operation("Concatenate", {head(t), head(head(t))}, Config(Config::Dict{{"axis", -1}})) / 2.0) | Dense{2}}), x, targets);

  Sequential base{Input{8}, Dense{6, "tanh"}, Dense{4}};
  base.set_trainable(false);
  write_for_keras("graph_frozen", compiled(Model{in, base(in) | Dense{2}}), x, targets);

  Sequential inner{Dense{5, "tanh"}, Dense{4}};
  write_for_keras("chain_nested", compiled(Sequential{Input{8}, inner, Dense{2}}), x, targets);

  const Tensor steps = x.reshaped({x.shape()[0], 2, 4});
  const Symbol sequence = input({Shape::unknown, 4});
  const Symbol all = sequence | TimeDistributed{Dense{3, "tanh"}} | Bidirectional{.layer = GRU{.units = 2, .return_sequences = true}};
  const Layer attention{MultiHeadAttention{.num_heads = 2, .key_dim = 3}};
  const std::vector<Symbol> states = attention({all, all}, {.options = Config(Config::Dict{{"use_causal_mask", true}})}).outputs();
  const std::vector<Symbol> ends = (states[0] | LSTM{.units = 3, .return_sequences = true, .return_state = true}).outputs();
  const Layer last{LSTM{.units = 3}};
  write_for_keras("graph_sequence", compiled(Model{sequence, last(ends[0], {.symbols = {{"initial_state", {ends[1], ends[2]}}}}) | Dense{2}}), steps, targets);
}

TEST_CASE("files with each loss and with regularizers, constraints and initializers as objects are written for Keras and come back alike") {
  Tensor chosen(DType::float32, {x.shape()[0], 3});
  for (float& share : chosen.mutable_values<float>()) share = 0.125;
  for (int64_t i = 0; i < y.size(); ++i) chosen.mutable_values<float>()[static_cast<size_t>(3 * i + static_cast<int64_t>(y.at(i)))] = 0.75;
  for (const char* loss : {"binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge",
                           "cosine_similarity", "dice", "hinge", "kl_divergence", "log_cosh", "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson", "squared_hinge", "tversky"}) {
    const bool binary = std::string_view(loss).starts_with("binary");  // on TensorFlow Keras takes a softmax's logits for a sigmoid's
    Sequential model{Input{8}, Dense{6, "tanh"}, Dense{3, binary ? "sigmoid" : "softmax"}};
    model.compile({.optimizer = SGD{.learning_rate = 0.01}, .loss = loss});
    write_for_keras(text("loss_", loss), std::move(model), x, chosen);
  }
  Sequential labelled{Input{8}, Dense{6, "tanh"}, Dense{3, "softmax"}};
  labelled.compile({.optimizer = SGD{.learning_rate = 0.01}, .loss = CategoricalGeneralizedCrossEntropy{}});
  write_for_keras("loss_categorical_generalized_cross_entropy", std::move(labelled), x, y);

  Sequential model{Input{8},
                   Dense{.units = 6, .activation = "tanh", .kernel_initializer = RandomUniform{.minval = -0.5, .maxval = 0.5, .seed = 3}, .kernel_regularizer = OrthogonalRegularizer{.factor = 0.02},
                         .kernel_constraint = MinMaxNorm{.min_value = 0.5, .max_value = 1.5, .rate = 0.75}},
                   Dense{.units = 5, .bias_initializer = Constant{0.25}, .kernel_regularizer = L1L2{0.01, 0.02}, .kernel_constraint = UnitNorm{}},
                   Dense{.units = 3, .kernel_initializer = VarianceScaling{.scale = 2, .mode = "fan_avg", .distribution = "uniform", .seed = 6}, .kernel_constraint = MaxNorm{.max_value = 0.75}}};
  model.compile({.optimizer = SGD{.learning_rate = 0.01, .momentum = 0.9}, .loss = "mse"});
  write_for_keras("objects", std::move(model), x, chosen);
}

TEST_CASE("files of wrapped kernels, masks, lookups and layers with policies of their own are written for Keras and come back alike") {
  const Tensor targets = some_x(x.shape()[0], 2, 9), steps = x.reshaped({x.shape()[0], 2, 4});
  const auto compiled = [](Model model) {
    model.compile({.optimizer = SGD{.learning_rate = 0.01, .momentum = 0.9}, .loss = "mse"});
    return model;
  };
  write_for_keras("spectral", compiled(Sequential{Input{2, 4}, SpectralNormalization{Conv1D{.filters = 3, .kernel_size = 2, .activation = "tanh"}}, Flatten{}, SpectralNormalization{Dense{2}}}), steps, targets);

  const Symbol s = input({2, 4}, {.name = "steps"});
  write_for_keras("masks", compiled(Model{s, s | Masking{.mask_value = 0.5} | LSTM{.units = 3, .return_sequences = true} | GRU{.units = 2}}), steps, targets);

  Tensor tokens(DType::float32, {x.shape()[0], 4});
  for (size_t i = 0; i < tokens.mutable_values<float>().size(); ++i) tokens.mutable_values<float>()[i] = static_cast<float>(i * 7 % 5);
  const Symbol t = input({4}, {.name = "tokens"});
  IntegerLookup bag{.output_mode = Encoding::tf_idf}, words{.mask_token = 0};
  bag.adapt(tokens), words.adapt(tokens);
  Normalization normal;
  normal.adapt(tokens);
  write_for_keras("lookups", compiled(Model{t, Layer(Concatenate{})({Layer(bag)(t), Layer(words)(t) | Embedding{.input_dim = 7, .output_dim = 2} | Flatten{}, Layer(normal)(t)}) | Dense{2}}), tokens, targets);
}
