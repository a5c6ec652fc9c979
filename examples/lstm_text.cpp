// An LSTM that learns to write like a licence, one character after the other.
//   example_lstm_text [--quick]
#include "quick.h"
#include "text.h"

using namespace cornu;

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  constexpr int64_t length = 50;
  const std::string text = quick ? licences().substr(0, 20000) : licences();
  const Alphabet alphabet(text);
  const Windows data = windows(text, alphabet, length, quick ? 20 : 10);

  Sequential model{
      Input{Shape{length}, DType::int32},
      Embedding{.input_dim = alphabet.size(), .output_dim = 32},
      LSTM{.units = quick ? 64 : 192, .return_sequences = true},
      Dense{alphabet.size(), "softmax"},
  };
  model.compile({.optimizer = Adam{.learning_rate = 3e-3}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history = model.fit(data.x, data.y, {.batch_size = quick ? 32 : 64, .epochs = quick ? 7 : 8});
  std::printf("%s\n", write_on(model, alphabet, text.substr(1000, length), length, 300).c_str());
  // A guess that knew only how often each character comes would cost 3.1 nats.
  return expect_below("nats per character", history.history["loss"].back(), quick ? 2.7 : 1.3);
}
