// Layers of images: what chance does, and what they say to what does not fit.
#include <doctest/doctest.h>

#include "run_layer.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor images(Shape shape) {
  Tensor x(DType::float32, shape);
  const auto to = x.mutable_values<float>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>((i * 37) % 101);
  return x;
}
Tensor applied(const Layer& layer, const Tensor& x, bool training = true, int64_t seed = 11, int64_t step = 0, int64_t first_row = 0) {
  LayerRun r{.training = training, .states = {{random_key_state, Tensor({3}, std::vector<int64_t>{seed, step, first_row})}}};
  return r(layer, {x}, false).out[0];
}
std::string complaint(const Layer& layer, const Shape& shape, bool training = true) {
  return error_of([&] { applied(layer, images(shape), training); });
}
/// Images with only one pixel that is not 0: where it went says what was done to them.
Tensor marked(int64_t n, int64_t height, int64_t width, int64_t y, int64_t x) {
  Tensor t(DType::float32, {n, height, width, 1});
  for (int64_t i = 0; i < n; ++i) t.mutable_values<float>()[static_cast<size_t>((i * height + y) * width + x)] = 1;
  return t;
}
const std::vector<Layer> random_layers = {RandomFlip{}, RandomRotation{.factor = 0.3}, RandomZoom{.height_factor = 0.3}, RandomTranslation{.height_factor = 0.4, .width_factor = 0.4},
                                          RandomContrast{.factor = 0.8}, RandomBrightness{.factor = 0.4}, RandomCrop{.height = 3, .width = 4}};

/// The largest difference of two elements.
double furthest(const Tensor& a, const Tensor& b) {
  double most = a.shape() == b.shape() ? 0 : 1e30;
  for (int64_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a.at(i) - b.at(i)));
  return most;
}

}  // namespace

TEST_CASE("what is drawn for an image does not depend on how the batch is cut, and differs from image to image, step to step, seed to seed") {
  const Tensor one = images({1, 5, 6, 2});
  Tensor many(DType::float32, {40, 5, 6, 2});
  for (int64_t i = 0; i < many.size(); ++i) many.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(one.at(i % one.size()));
  for (const Layer& layer : random_layers) {
    CAPTURE(layer.class_name());
    const Tensor together = applied(layer, many), again = applied(layer, many);
    CHECK(together == again);
    const Tensor late = applied(layer, many.rows(4, 6), true, 11, 0, 4);
    CHECK(late == together.rows(4, 6));
    CHECK(applied(layer, many, true, 11, 1) != together);
    CHECK(applied(layer, many, true, 12) != together);
    bool differ = false;
    for (int64_t i = 1; i < 6; ++i) differ = differ || together.rows(i, i + 1) != together.rows(0, 1);
    CHECK(differ);
  }
}

TEST_CASE("a layer with a seed of its own draws the same whatever the model's seed is") {
  const Tensor x = images({4, 5, 6, 1});
  for (const Layer& layer : {Layer(RandomFlip{.seed = 3}), Layer(RandomRotation{.factor = 0.3, .seed = 3}), Layer(RandomCrop{.height = 3, .width = 4, .seed = 3})}) {
    CHECK(applied(layer, x, true, 1) == applied(layer, x, true, 2));
    CHECK(applied(layer, x, true, 1, 1) != applied(layer, x, true, 1, 2));
  }
}

TEST_CASE("one image without a batch is treated as a batch of one") {
  const Tensor x = images({5, 6, 2});
  for (const Layer& layer : random_layers) {
    CAPTURE(layer.class_name());
    const Tensor alone = applied(layer, x), batch = applied(layer, x.reshaped({1, 5, 6, 2}));
    CHECK(alone.reshaped(batch.shape()) == batch);
    CHECK(alone.shape().rank() == 3);
  }
}

TEST_CASE("RandomFlip flips half of the images, along both axes together as Keras does") {
  constexpr int64_t n = 4000;
  const auto share = [&](const char* mode, int64_t y, int64_t x) {
    const Tensor out = applied(RandomFlip{.mode = mode}, marked(n, 2, 3, 0, 0));
    double there = 0;
    for (int64_t i = 0; i < n; ++i) there += out.at((i * 2 + y) * 3 + x);
    return there / n;
  };
  // Four deviations of a coin thrown n times.
  CHECK(share("horizontal", 0, 2) == doctest::Approx(0.5).epsilon(4 * 0.5 / std::sqrt(double{n}) / 0.5));
  CHECK(share("horizontal", 0, 2) + share("horizontal", 0, 0) == 1);
  CHECK(share("vertical", 1, 0) + share("vertical", 0, 0) == 1);
  CHECK(share("horizontal_and_vertical", 1, 2) + share("horizontal_and_vertical", 0, 0) == 1);
  CHECK(share("horizontal_and_vertical", 1, 2) == doctest::Approx(0.5).epsilon(0.07));
}

TEST_CASE("brightness and contrast are drawn evenly from their ranges") {
  constexpr int64_t n = 4000;
  const Tensor x = marked(n, 1, 2, 0, 0);
  const auto moments = [&](const Layer& layer, auto number) {
    const Tensor out = applied(layer, x);
    double sum = 0, low = 1e9, high = -1e9;
    for (int64_t i = 0; i < n; ++i) {
      const double v = number(out.at(2 * i), out.at(2 * i + 1));
      sum += v, low = std::min(low, v), high = std::max(high, v);
    }
    return std::array<double, 3>{sum / n, low, high};
  };
  const auto [mean, low, high] = moments(RandomBrightness{.factor = {-0.2, 0.4}, .value_range = {-10, 10}}, [](double, double dark) { return dark / 20; });
  CHECK(mean == doctest::Approx(0.1).epsilon(0.1));
  CHECK(low > -0.2001);
  CHECK(low < -0.19);
  CHECK(high < 0.4001);
  CHECK(high > 0.39);
  const auto [mean2, low2, high2] = moments(RandomContrast{.factor = {0.2, 0.6}, .value_range = {-10, 10}}, [](double light, double dark) { return light - dark; });
  CHECK(mean2 == doctest::Approx(1.2).epsilon(0.02));
  CHECK(low2 > 0.7999);
  CHECK(high2 < 1.6001);
  CHECK(high2 - low2 > 0.78);
  CHECK(moments(RandomContrast{.factor = 0.5, .value_range = {-10, 10}}, [](double light, double dark) { return light - dark; })[1] > 0.9999);  // Keras: never less
}

TEST_CASE("a translation by whole pixels moves a pixel there, down and to the right where positive") {
  const Tensor out = applied(RandomTranslation{.height_factor = {0.25, 0.25}, .width_factor = {-0.5, -0.5}, .fill_mode = FillMode::constant}, marked(1, 4, 4, 1, 3));
  CHECK(out == marked(1, 4, 4, 2, 1));
}

TEST_CASE("a quarter of a turn is counter-clockwise") {
  const Tensor out = applied(RandomRotation{.factor = {0.25, 0.25}}, marked(1, 3, 3, 0, 1));
  CHECK(furthest(out, marked(1, 3, 3, 1, 0)) < 1e-5);
}

TEST_CASE("RandomCrop cuts parts of the image from everywhere, and at other times lets it be, as Keras 3.15 does") {
  constexpr int64_t n = 600;
  Tensor x(DType::float32, {n, 5, 4, 1});
  for (int64_t i = 0; i < x.size(); ++i) x.mutable_values<float>()[static_cast<size_t>(i)] = static_cast<float>(i % 20);
  const RandomCrop layer{.height = 2, .width = 3};
  const Tensor out = applied(layer, x);
  REQUIRE(out.shape() == Shape{n, 2, 3, 1});
  std::map<double, int> corners;
  for (int64_t i = 0; i < n; ++i) {
    const double corner = out.at(i * 6);
    ++corners[corner];
    CHECK(out.at(i * 6 + 5) == corner + 4 + 2);
  }
  CHECK(corners.size() == 8);  // 4 rows by 2 columns
  for (const auto& [corner, count] : corners) CHECK(std::abs(count - n / 8.0) < 4.5 * std::sqrt(n / 8.0));
  CHECK(applied(layer, images({1, 8, 6, 1}), false) == images({1, 8, 6, 1}));
}

TEST_CASE("layers of images name what they were given and what they take") {
  for (const Layer& layer : random_layers) CHECK(has(complaint(layer, {4, 784}), {layer.class_name(), "images [batch, height, width, channels]", "[4, 784]", "reshape"}));
  CHECK(has(complaint(Resizing{3, 3}, {4, 784}), {"Resizing", "[4, 784]"}));
  CHECK(has(complaint(Resizing{0, 3}, {4, 5, 5, 1}), {"positive height and width", "0 and 3"}));
  CHECK(has(complaint(Resizing{3, 3, "cubic"}, {4, 5, 5, 1}), {"Resizing", "unknown interpolation 'cubic'", "did you mean 'bicubic'"}));
  CHECK(has(complaint(Resizing{5, 5, "cubic"}, {4, 5, 5, 1}), {"unknown interpolation"}));
  CHECK(has(complaint(Resizing{.height = 3, .width = 3, .crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}, {4, 5, 5, 1}), {"not both"}));
  CHECK(has(complaint(RandomFlip{"sideways"}, {4, 5, 5, 1}), {"RandomFlip's mode", "'sideways'"}));
  CHECK(has(complaint(RandomRotation{.factor = 1.5}, {4, 5, 5, 1}), {"RandomRotation's factor", "[-1, 1]", "1.5"}));
  CHECK(has(complaint(RandomZoom{.height_factor = {-1, 0.5}}, {4, 5, 5, 1}), {"RandomZoom's height_factor", "(-1, 1]"}));
  CHECK(has(complaint(RandomTranslation{.height_factor = 0, .width_factor = 2}, {4, 5, 5, 1}), {"RandomTranslation's width_factor"}));
  CHECK(has(complaint(RandomContrast{.factor = {-0.5, 0.5}}, {4, 5, 5, 1}), {"RandomContrast's factor", "[0, 1]"}));
  CHECK(has(complaint(RandomCrop{.height = 3}, {4, 5, 5, 1}), {"RandomCrop takes a positive height and width"}));
  CHECK(has(error_of([] { layer_from_config("RandomRotation", Config(Config::Dict{{"factor", 0.1}, {"fill_mode", "mirror"}})); }), {"fill_mode", "'mirror' is none of"}));
  CHECK(has(error_of([] { layer_from_config("RandomFlip", Config(Config::Dict{{"data_format", "channels_first"}})); }), {"RandomFlip", "data_format", "channels_last"}));
}

TEST_CASE("weights of resampling are shares of a whole, and nearest takes one") {
  for (const char* method : {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"})
    for (const bool antialias : {false, true})
      for (const auto& [from, to] : {std::pair(7, 3), std::pair(3, 7), std::pair(1, 4), std::pair(5, 5), std::pair(9, 1)}) {
        const Tensor w = resize_weights(method, antialias, from, to);
        for (int64_t i = 0; i < to; ++i) {
          double sum = 0;
          for (int64_t k = 0; k < from; ++k) sum += w.at(i * from + k);
          CHECK(sum == doctest::Approx(1).epsilon(1e-6));
          if (from == to) CHECK(w.at(i * from + i) == doctest::Approx(1).epsilon(1e-6));
        }
      }
}
