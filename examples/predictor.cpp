// Quick answers from a trained model: docs/inference.md shows these parts.
#include <cornu/cornu.h>

#include <cstdio>
#include <thread>

using namespace cornu;

int main() {
  Sequential model{Input{16, 16, 1}, Conv2D{.filters = 8, .kernel_size = 3, .use_bias = false}, BatchNormalization{}, layers::Activation{"relu"}, Flatten{}, Dense{10, "softmax"}};

  // [make]
  const Predictor predictor(model);
  // [/make]

  // [ask]
  std::vector<float> image(16 * 16), probabilities(10);
  predictor.predict(image, probabilities);
  // [/ask]
  std::printf("%zu answers\n", probabilities.size());

  // [threads]
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i)
    workers.emplace_back([&predictor] {
      std::vector<float> own_image(16 * 16), own_answer(10);
      for (int k = 0; k < 1000; ++k) predictor.predict(own_image, own_answer);
    });
  for (std::thread& worker : workers) worker.join();
  // [/threads]

  // [int8]
  const Predictor small(model, {.quantize = "int8"});
  std::printf("%lld bytes of weights in place of %lld\n", static_cast<long long>(small.weight_bytes()), static_cast<long long>(predictor.weight_bytes()));
  // [/int8]

  // [like]
  const Tensor pixels = Tensor(DType::uint8, {1, 16, 16, 1}).with_scale(1.0 / 255);
  const Predictor of_bytes(model, {.like = pixels});
  const Tensor answer = of_bytes.predict(pixels);
  // [/like]
  std::printf("%s\n", text(answer.shape()).c_str());
}
