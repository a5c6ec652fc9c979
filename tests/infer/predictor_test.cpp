// The Predictor: the model's answers, whatever the size of the batch, from many threads, without allocating.
#include "tests/count_allocations.h"

#include <doctest/doctest.h>

#include <thread>

#include "cornu/infer/predictor.h"
#include "tests/kernels/numbers.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Sequential convolutional() {
  Sequential model{Input{9, 9, 2}, Conv2D{.filters = 5, .kernel_size = 3, .activation = "relu"}, MaxPooling2D{}, Flatten{}, Dense{20, "tanh"}, Dense{4, "softmax"}};
  model.set_seed(3);
  return model;
}

}  // namespace

TEST_CASE("a Predictor answers as its model does, in parts of any size") {
  Sequential model = small_model();
  const Predictor predictor(model, {.max_batch = 6});
  for (const int64_t samples : {1, 2, 3, 5, 6, 7, 13, 50}) {
    CAPTURE(samples);
    const Tensor x = some_x(samples);
    check_near(predictor.predict(x), model.predict_on_batch(x), 1e-6, 1e-7);
  }
  CHECK(predictor.predict(Tensor(DType::float32, {0, 8})).shape() == Shape{0, 3});
}

TEST_CASE("a Predictor of a convolutional model answers as its model does") {
  Sequential model = convolutional();
  const Predictor predictor(model);
  const Tensor x = normal_numbers({37, 9, 9, 2});
  check_near(predictor.predict(x), model.predict_on_batch(x), 1e-5, 1e-6);
}

TEST_CASE("spans are read and written where they are") {
  Sequential model = small_model();
  const Predictor predictor(model);
  const Tensor x = some_x(5);
  std::vector<float> numbers(41), answers(16, -1);
  std::copy_n(x.values<float>().begin(), 40, numbers.begin() + 1);  // off the alignment of tensors
  predictor.predict(std::span(numbers).subspan(1), std::span(answers).first(15));
  check_near(Tensor({5, 3}, std::vector<float>(answers.begin(), answers.begin() + 15)), model.predict_on_batch(x), 1e-6, 1e-7);
  CHECK(answers[15] == -1);
}

TEST_CASE("a Predictor keeps the weights that it was made with, also when the model is gone") {
  Tensor before;
  const Tensor x = some_x(4);
  const Predictor predictor = [&] {
    Sequential model = small_model();
    Predictor made(model);
    before = made.predict(x);
    std::vector<Tensor> weights = model.get_weights();
    for (float& w : weights[0].mutable_values<float>()) w = 0;
    model.set_weights(weights);
    return made;
  }();
  CHECK(predictor.predict(x) == before);
  CHECK(predictor.predict(some_x(64)).shape() == Shape{64, 3});  // compiled now
}

TEST_CASE("many threads get the answers that one gets") {
  Sequential model = convolutional();
  const Predictor predictor(model, {.max_batch = 4});
  const Tensor x = normal_numbers({16, 9, 9, 2});
  const Tensor all = predictor.predict(x);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < 40; ++i) {
        const int64_t first = (i * 5 + t) / 4 * 4 % 16;  // whole parts: the same sums
        if (!(predictor.predict(x.rows(first, first + 4)) == all.rows(first, first + 4))) ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("a call allocates nothing once its size has been seen") {
  if (!allocations_are_counted) return;
  Sequential model = convolutional();
  for (const char* how : {"", "int8"}) {
    const Predictor predictor(model, {.quantize = how});
    const Tensor x = normal_numbers({11, 9, 9, 2});
    std::vector<float> y(44);
    predictor.predict(x.values<float>(), y);
    const int64_t before = allocations;
    for (int i = 0; i < 20; ++i) predictor.predict(x.values<float>(), y);
    CHECK(allocations == before);
  }
}

TEST_CASE("several inputs and outputs, other types of numbers, and sizes that the model leaves open") {
  const Symbol a = input({3}), b = input({2});
  const Symbol hidden = Layer(Dense{4, "tanh"}, {.name = "hidden"})(a);
  Model two{{a, b}, {Layer(Dense{2}, {.name = "p"})(hidden), Layer(Dense{3}, {.name = "q"})(b)}};
  const Predictor of_two(two);
  const TensorGroup x{normal_numbers({9, 3}), normal_numbers({9, 2})};
  const std::vector<Tensor> want = two.predict_all(x, {.verbose = 0}), got = of_two.predict_all(x);
  REQUIRE(got.size() == 2);
  for (size_t k = 0; k < 2; ++k) check_near(got[k], want[k], 1e-5, 1e-6);

  Sequential images{Input{4}, Dense{3}};
  const Tensor bytes = Tensor({6, 2, 2}, std::vector<uint8_t>{0, 255, 3, 99, 1, 2, 3, 4, 50, 60, 70, 80, 9, 9, 9, 9, 0, 0, 0, 0, 255, 255, 255, 255}).with_scale(1.0 / 255);
  const Predictor of_bytes(images, {.like = bytes.rows(0, 1)});
  check_near(of_bytes.predict(bytes), images.predict_on_batch(bytes), 1e-5, 1e-6);

  Sequential texts{Input{Shape{Shape::unknown}, DType::int32}, Embedding{.input_dim = 10, .output_dim = 3}, LSTM{.units = 4}, Dense{2}};
  const Tensor tokens({2, 5}, std::vector<int32_t>{1, 2, 3, 4, 5, 9, 8, 7, 6, 0});
  const Predictor of_texts(texts, {.like = tokens});
  check_near(of_texts.predict(tokens), texts.predict_on_batch(tokens), 1e-5, 1e-6);
  CHECK(has(text_of<ArgumentError>([&] { Predictor all(texts); }), "a Predictor is made for one size; give it samples of that size as .like"));
}

TEST_CASE("what a Predictor does not take is said") {
  Sequential model = small_model();
  const Predictor predictor(model);
  std::vector<float> x(16), y(6);
  CHECK(has(text_of<ShapeError>([&] { predictor.predict(std::span(x).first(15), y); }), "x holds 15 numbers and y 6; a sample has 8 and its answer 3"));
  CHECK(has(text_of<ShapeError>([&] { predictor.predict(x, std::span(y).first(3)); }), "x holds 16 numbers and y 3"));
  CHECK(has(text_of<ShapeError>([&] { predictor.predict(Tensor(DType::uint8, {2, 8})); }), "made for x of type float32[?, 8], and was given uint8[2, 8]"));
  Tensor wrong(DType::float32, {3, 3});
  CHECK(has(text_of<ShapeError>([&] { predictor.predict(some_x(2), wrong); }), "the answers to 2 samples are float32[?, 3], and y is float32[3, 3]"));

  CHECK(has(text_of<ArgumentError>([&] { Predictor p(model, {.max_batch = 0}); }), "max_batch is from 1 to 4096, and was 0"));
  CHECK(has(text_of<ArgumentError>([&] { Predictor p(model, {.quantize = "int"}); }), "quantize is \"int8\" or empty, and was 'int' (did you mean 'int8'?)"));
  CHECK(has(text_of<UnsupportedError>([&] { Predictor p(model, {.quantize = "gptq"}); }), "cornu does not quantize to 'gptq'; it does to \"int8\""));
  Sequential unbuilt{Dense{3}};
  CHECK(has(text_of<ArgumentError>([&] { Predictor p(unbuilt); }), "has no weights yet"));
  Sequential stateful{Input{Shape{4, 2}}, LSTM{.units = 3, .stateful = true}};
  CHECK(has(text_of<UnsupportedError>([&] { Predictor p(stateful); }), "a Predictor keeps nothing"));
}
