// W1 to W4: images, through dense layers and through convolutions.
#include "workloads/workload.h"

namespace bench {

using namespace cornu;

namespace {

/// Fashion-MNIST in the shape that a model takes, the first `count` images of it to train with.
void fashion(Workload& w, int64_t count, const Shape& image, bool float_images) {
  Dataset data = datasets::fashion_mnist();
  for (Split* s : {&data.train, &data.test}) {
    s->x = s->x.reshaped(Shape{s->x.shape()[0]} + image);
    if (float_images) s->x = s->x.cast(DType::float32);
  }
  w.train = {data.train.x.rows(0, count), data.train.y.rows(0, count)};
  w.test = data.test;
}

Built sequential(std::initializer_list<Layer> layers) {
  Built b{std::make_unique<Sequential>(layers), {}};
  b.layers = b.model->layers();
  return b;
}

/// He et al. 2015, section 4.2, on images of 32x32: stages of `blocks` blocks, with so many filters. Three of three with 16, 32 and 64
/// are ResNet-20; four of two with 64, 128, 256 and 512 have ResNet-18's.
class ResNet {
 public:
  Built build(const std::vector<int64_t>& stages, int blocks) {
    const Symbol x = input({32, 32, 3});
    Symbol h = x | convolution(stages[0], 3, 1) | normalization() | ReLU{};
    for (const int64_t filters : stages)
      for (int i = 0; i < blocks; ++i) h = block(h, filters, i == 0 && filters > stages[0] ? 2 : 1);
    h = h | GlobalAveragePooling2D{} | made(Dense{10, "softmax"});
    return {std::make_unique<Model>(x, h), std::move(layers_)};
  }

 private:
  Layer made(Layer layer) {
    layers_.push_back(layer);
    return layer;
  }
  Layer convolution(int64_t filters, int64_t size, int64_t stride) {
    return made(Conv2D{.filters = filters, .kernel_size = size, .strides = stride, .padding = size == 1 ? "valid" : "same", .use_bias = false});
  }
  Layer normalization() { return made(BatchNormalization{}); }
  Symbol block(const Symbol& x, int64_t filters, int64_t stride) {
    Symbol shortcut = x;
    if (stride > 1) shortcut = x | convolution(filters, 1, stride), shortcut = shortcut | normalization();
    Symbol h = x | convolution(filters, 3, stride);
    h = h | normalization() | ReLU{};
    h = h | convolution(filters, 3, 1);
    h = h | normalization();
    return (h + shortcut) | ReLU{};
  }
  std::vector<Layer> layers_;
};

}  // namespace

Built dense_model(std::string_view name) {
  const int64_t units = name == "W1" ? 10 : 512;
  return sequential({Input{784}, Dense{units, "relu"}, Dense{units, "relu"}, Dense{10, "softmax"}});
}

Built convolutional_model(std::string_view name) {
  if (name == "W4") return ResNet().build({16, 32, 64}, 3);
  if (name == "ResNet-18") return ResNet().build({64, 128, 256, 512}, 2);
  return sequential({Input{28, 28, 1}, Conv2D{.filters = 32, .kernel_size = 3, .activation = "relu"}, MaxPooling2D{},
                     Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu"}, MaxPooling2D{}, Flatten{}, Dense{128, "relu"}, Dense{10, "softmax"}});
}

Workload dense_images(std::string_view name, bool float_images) {
  Workload w{.batch = name == "W1" ? 32 : 128, .epochs = name == "W1" ? 30 : 3, .profile_runs = name == "W1" ? 1000 : 200, .train = {},
             .build = [of = std::string(name)] { return dense_model(of); }};
  fashion(w, 60000, {784}, float_images);
  return w;
}

Workload convolutional_images(std::string_view name, bool float_images) {
  if (name == "W3") {
    Workload w{.batch = 64, .epochs = 3, .profile_runs = 200, .train = {}, .build = [] { return convolutional_model("W3"); }};
    fashion(w, 12800, {28, 28, 1}, float_images);
    return w;
  }
  std::vector<float> pixels(1280 * 32 * 32 * 3);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = uniform(i, 1000);
  return {.batch = 128, .profile_runs = 5, .train = {Tensor({1280, 32, 32, 3}, pixels), classes({1280}, 10, 1001)}, .build = [] { return convolutional_model("W4"); }};
}

}  // namespace bench
