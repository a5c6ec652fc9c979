// A model with two inputs and two outputs: are two pieces of clothing of the same kind? One tower, called twice, looks at both.
//   example_two_inputs [--quick]        needs Debian's dataset-fashion-mnist
#include <cornu/cornu.h>

#include <random>

#include "quick.h"

using namespace cornu;

namespace {
struct Pairs {
  Tensor left, right, same, kind;  // same: whether both are of one kind; kind: that of the left one
};
Pairs pairs(const Split& split, int64_t count, unsigned seed) {
  std::mt19937 rng(seed);
  const auto images = split.x.values<uint8_t>();
  const auto labels = split.y.values<uint8_t>();
  std::vector<std::vector<int64_t>> by_kind(10);
  for (int64_t i = 0; i < split.y.size(); ++i) by_kind[labels[static_cast<size_t>(i)]].push_back(i);
  std::vector<float> left, right, same;
  std::vector<int32_t> kind;
  const auto add = [&](std::vector<float>& to, int64_t row) {
    for (int64_t p = 0; p < 784; ++p) to.push_back(static_cast<float>(images[static_cast<size_t>(row * 784 + p)]) / 255);
  };
  for (int64_t n = 0; n < count; ++n) {
    const int64_t a = static_cast<int64_t>(rng() % static_cast<uint64_t>(split.y.size()));
    const uint8_t of_a = labels[static_cast<size_t>(a)];
    const auto& alike = by_kind[of_a];
    const int64_t b = rng() % 2 ? alike[rng() % alike.size()] : static_cast<int64_t>(rng() % static_cast<uint64_t>(split.y.size()));
    add(left, a), add(right, b);
    same.push_back(of_a == labels[static_cast<size_t>(b)] ? 1.f : 0.f);
    kind.push_back(of_a);
  }
  return {Tensor({count, 784}, left), Tensor({count, 784}, right), Tensor({count, 1}, same), Tensor({count}, kind)};
}
}  // namespace

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  const auto [train_set, test_set] = datasets::fashion_mnist();
  const Pairs train = pairs(train_set, quick ? 3000 : 40000, 1), test = pairs(test_set, quick ? 500 : 5000, 2);

  const Symbol left = input({784}, {.name = "left"}), right = input({784}, {.name = "right"});
  const Symbol picture = input({784});
  Model tower{picture, picture | Dense{128, "relu"} | Dropout{0.2} | Dense{64, "relu"}, "tower"};
  const Symbol a = tower(left), b = tower(right);
  const Symbol same = Layer(Concatenate{})({a, b, (a - b) * (a - b)})[0] | Dense{64, "relu"} | Layer(Dense{1, "sigmoid"}, {.name = "same"});
  const Symbol kind = a | Layer(Dense{10, "softmax"}, {.name = "kind"});
  Model model{{left, right}, {same, kind}};
  model.summary();
  model.compile({.optimizer = "adam",
                 .loss = {{"same", "binary_crossentropy"}, {"kind", "sparse_categorical_crossentropy"}},
                 .loss_weights = {{"same", 1.0}, {"kind", 0.5}},
                 .metrics = {{"same", {"accuracy"}}, {"kind", {"accuracy"}}}});
  model.fit({train.left, train.right}, {train.same, train.kind}, {.batch_size = 64, .epochs = quick ? 4 : 10});
  return expect("accuracy of 'same' on new pairs", model.evaluate({test.left, test.right}, {test.same, test.kind}).at("same_accuracy"), quick ? 0.65 : 0.85);
}
