// A small causal transformer (Vaswani et al. 2017; pre-norm) that learns to write like a licence.
//   example_transformer_text [--quick]
#include "quick.h"
#include "text.h"

using namespace cornu;

namespace {

constexpr int64_t length = 64, width = 96;

/// Characters and their places as vectors.
struct TokensAndPlaces {
  Layer tokens, places{Embedding{.input_dim = length, .output_dim = width}, {.name = "places"}};
  explicit TokensAndPlaces(int64_t characters) : tokens{Embedding{.input_dim = characters, .output_dim = width}, {.name = "tokens"}} {}
  Value operator()(Value x, Scope& scope) const {
    return tokens({x}, scope)[0] + places({iota(scope.graph(), {x.dim(1)}, 0, DType::int32)}, scope)[0];
  }
};

/// x + attention(norm(x)), then x + feed-forward(norm(x)).
Symbol block(Symbol x, int64_t heads) {
  const Symbol seen = x | LayerNormalization{};
  const Layer attention{MultiHeadAttention{.num_heads = heads, .key_dim = width / heads}};
  x = x + attention({seen, seen}, {.options = Config(Config::Dict{{"use_causal_mask", true}})})[0];
  return x + (x | LayerNormalization{} | Dense{4 * width, "gelu"} | Dense{width});
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  const std::string text = quick ? licences().substr(0, 20000) : licences();
  const Alphabet alphabet(text);
  const Windows data = windows(text, alphabet, length, quick ? 32 : 10);

  const Symbol x = input({length}, {.dtype = DType::int32});
  Symbol h = x | TokensAndPlaces(alphabet.size());
  for (int i = 0; i < (quick ? 1 : 3); ++i) h = block(h, 4);
  Model model{x, h | LayerNormalization{} | Dense{alphabet.size(), "softmax"}};
  model.compile({.optimizer = AdamW{.learning_rate = 2e-3}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history = model.fit(data.x, data.y, {.batch_size = 32, .epochs = quick ? 4 : 5});
  std::printf("%s\n", write_on(model, alphabet, text.substr(1000, length), length, 300).c_str());
  return expect_below("nats per character", history.history["loss"].back(), quick ? 2.7 : 1.3);
}
