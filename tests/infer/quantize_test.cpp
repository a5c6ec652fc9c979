// Weights in 8 bits: as Keras rounds them, near to the floats, and a quarter of their size.
#include <doctest/doctest.h>

#include "cornu/infer/predictor.h"
#include "tests/kernels/numbers.h"
#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

/// The same numbers as in the script below.
Tensor numbers(Shape shape, int salt) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((static_cast<int>(i) * 37 + salt * 11) % 19 - 9) / 8;
  return Tensor(std::move(shape), values);
}

}  // namespace

// Keras 3.15 on TensorFlow:
//   def r(shape, salt):
//     return np.array([((i * 37 + salt * 11) % 19 - 9) / 8 for i in range(np.prod(shape))], "float32").reshape(shape)
//   m = keras.Sequential([keras.Input((7,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(3)])
//   m.set_weights([r((7, 5), 1), r((5,), 2), r((5, 3), 3), r((3,), 4)])
//   m.quantize("int8"); m.predict(r((3, 7), 5))
TEST_CASE("dense layers in 8 bits answer as Keras's do") {
  Sequential model{Input{7}, Dense{5, "tanh"}, Dense{3}};
  model.set_weights({numbers({7, 5}, 1), numbers({5}, 2), numbers({5, 3}, 3), numbers({3}, 4)});
  const Tensor x = numbers({3, 7}, 5);
  const Tensor keras({3, 3}, std::vector<float>{-1.1336431503295898f, -0.933510422706604f, -0.7299194931983948f, -0.6587742567062378f, -0.5755357146263123f, -0.4848118722438812f,
                                                -0.43108850717544556f, -0.23972511291503906f, -0.05196738243103027f});
  check_near(Predictor(model, {.quantize = "int8"}).predict(x), keras, 1e-5, 1e-6);
  CHECK(std::abs(model.predict_on_batch(x).at(0) - keras.at(0)) > 0.005);  // floats say something else
}

TEST_CASE("kernels in 8 bits take a quarter of the memory, and answers stay near") {
  Sequential model{Input{12, 12, 3}, Conv2D{.filters = 16, .kernel_size = 3, .activation = "relu"}, Conv2D{.filters = 16, .kernel_size = 3, .groups = 4}, Conv2DTranspose{.filters = 8, .kernel_size = 3},
                   Flatten{}, Dense{50, "relu"}, Dense{10}};
  model.set_seed(1);
  const Tensor x = normal_numbers({5, 12, 12, 3});
  const Predictor floats(model), bytes(model, {.quantize = "int8"});
  CHECK(bytes.weight_bytes() * 39 < floats.weight_bytes() * 10);
  const Tensor want = floats.predict(x), got = bytes.predict(x);
  double largest = 0, error = 0;
  for (int64_t i = 0; i < want.size(); ++i) largest = std::max(largest, std::abs(want.at(i))), error = std::max(error, std::abs(want.at(i) - got.at(i)));
  CHECK(error < 0.03 * largest);
  CHECK(error > 1e-5 * largest);  // they were rounded
}

TEST_CASE("a product of whole numbers from -127 to 127 loses nothing in 8 bits") {
  Sequential model{Input{40}, Dense{9}};
  std::mt19937 rng(1);
  const auto whole = [&](Shape shape, int step) {
    Tensor t(DType::float32, std::move(shape));
    for (float& v : t.mutable_values<float>()) v = static_cast<float>(static_cast<int>(rng() % 255) - 127) / static_cast<float>(step);
    return t;
  };
  Tensor kernel = whole({40, 9}, 64), x = whole({6, 40}, 1);
  for (int64_t j = 0; j < 9; ++j) kernel.mutable_values<float>()[static_cast<size_t>(j)] = 127.0f / 64;
  for (int64_t i = 0; i < 6; ++i) x.mutable_values<float>()[static_cast<size_t>(i * 40)] = -127;
  model.set_weights({kernel, whole({9}, 8)});
  check_near(Predictor(model, {.quantize = "int8"}).predict(x), model.predict_on_batch(x), 1e-5, 1e-2);
}

TEST_CASE("a sample that is not a number has an answer that is none, and no other has") {
  Sequential model{Input{40}, Dense{3}};
  Tensor x = normal_numbers({3, 40});
  x.mutable_values<float>()[45] = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = Predictor(model, {.quantize = "int8"}).predict(x);
  for (int64_t i = 0; i < 9; ++i) CHECK(std::isnan(y.at(i)) == (i / 3 == 1));
}
