// W5 and W6: sequences, through an LSTM and through a transformer.
#include "workloads/workload.h"

namespace bench {

using namespace cornu;

namespace {

/// x + a vector that is learnt for each place.
struct Places {
  Value operator()(Value x, Scope& scope) const { return x + scope.weight("embeddings", x.shape().drop_front(), "uniform"); }
};

}  // namespace

Built transformer(int64_t length, int64_t vocabulary, int64_t width, int64_t heads, int blocks) {
  std::vector<Layer> layers;
  const auto made = [&](Layer layer) -> Layer {
    layers.push_back(layer);
    return layer;
  };
  const Symbol x = input({length}, {.dtype = DType::int32});
  Symbol h = x | made(Embedding{.input_dim = vocabulary, .output_dim = width});
  h = h | made(Places{});
  for (int i = 0; i < blocks; ++i) {
    const Symbol seen = h | made(LayerNormalization{});
    h = h + made(MultiHeadAttention{.num_heads = heads, .key_dim = width / heads})({seen, seen}, {.options = Config(Config::Dict{{"use_causal_mask", true}})})[0];
    Symbol f = h | made(LayerNormalization{});
    f = f | made(Dense{4 * width, "gelu"});
    h = h + (f | made(Dense{width}));
  }
  h = h | made(LayerNormalization{});
  h = h | made(Dense{vocabulary, "softmax"});
  return {std::make_unique<Model>(x, h), std::move(layers)};
}

namespace {

Built recurrent() {
  Built b{std::make_unique<Sequential>(std::initializer_list<Layer>{
              Input{Shape{200}, DType::int32}, Embedding{.input_dim = 10000, .output_dim = 128}, LSTM{.units = 128}, Dense{2, "softmax"}}),
          {}};
  b.layers = b.model->layers();
  return b;
}

}  // namespace

Workload sequences(std::string_view name) {
  if (name == "W5") return {.batch = 64, .profile_runs = 10, .train = {classes({2560, 200}, 10000, 1000), classes({2560}, 2, 1001)}, .build = recurrent};
  return {.batch = 16, .profile_runs = 10, .train = {classes({320, 128}, 256, 1000), classes({320, 128}, 256, 1001)},
          .build = [] { return transformer(128, 256, 256, 4, 4); }};
}

Workload workload(std::string_view name, bool float_images) {
  if (name == "W1" || name == "W2") return dense_images(name, float_images);
  if (name == "W3" || name == "W4") return convolutional_images(name, float_images);
  return sequences(name);
}

Tensor Workload::sample() const {
  const Tensor one = train.x.rows(0, 1);
  return one.dtype() == DType::uint8 ? one.cast(DType::float32) : one;
}

}  // namespace bench
