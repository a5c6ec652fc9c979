// The numbers of docs/tour.md, computed twice: by hand and by cornu. tests check that the page prints what this prints.
#include <cornu/cornu.h>

#include <cmath>
#include <cstdio>

using namespace cornu;

namespace {

// [sample]
const double x[2] = {0.5, -1.0};  // one sample with two numbers
const double t = 1.0;             // what the network should answer
// [/sample]

// [weights]
double W1[2][2] = {{0.1, 0.4}, {-0.3, 0.2}};  // from input i to hidden unit j
double b1[2] = {0.05, -0.1};
double W2[2] = {0.7, -0.5};                   // from hidden unit j to the answer
double b2 = 0.2;
// [/weights]

struct Pass {
  double h[2], y, loss;
};

// [forward]
Pass forward() {
  Pass p{};
  for (int j = 0; j < 2; ++j) p.h[j] = std::tanh(x[0] * W1[0][j] + x[1] * W1[1][j] + b1[j]);  // h = f(x W1 + b1)
  p.y = p.h[0] * W2[0] + p.h[1] * W2[1] + b2;                                                 // y = h W2 + b2
  p.loss = (p.y - t) * (p.y - t);
  return p;
}
// [/forward]

struct Slopes {
  double W1[2][2], b1[2], W2[2], b2;
};

// [backward]
Slopes backward(const Pass& p) {
  Slopes d{};
  const double dy = 2 * (p.y - t);                        // dL/dy
  d.b2 = dy;                                              // dL/db2 = dL/dy dy/db2, and dy/db2 is 1
  for (int j = 0; j < 2; ++j) {
    d.W2[j] = dy * p.h[j];                                // dy/dW2[j] is h[j]
    const double dh = dy * W2[j];                         // dy/dh[j] is W2[j]
    const double dz = dh * (1 - p.h[j] * p.h[j]);         // the slope of tanh is 1 - tanh^2
    d.b1[j] = dz;
    for (int i = 0; i < 2; ++i) d.W1[i][j] = dz * x[i];   // dz/dW1[i][j] is x[i]
  }
  return d;
}
// [/backward]

// [descent]
void descend(const Slopes& d, double a) {
  for (int j = 0; j < 2; ++j) {
    for (int i = 0; i < 2; ++i) W1[i][j] -= a * d.W1[i][j];  // w <- w - a dL/dw
    b1[j] -= a * d.b1[j];
    W2[j] -= a * d.W2[j];
  }
  b2 -= a * d.b2;
}
// [/descent]

}  // namespace

int main() {
  // [model]
  Sequential model{Input{2}, Dense{2, "tanh"}, Dense{1}};
  model.compile({.optimizer = SGD{.learning_rate = 0.1}, .loss = "mse"});
  model.set_weights({Tensor{{0.1f, 0.4f}, {-0.3f, 0.2f}}, Tensor{0.05f, -0.1f}, Tensor({2, 1}, std::vector<float>{0.7f, -0.5f}), Tensor({1}, std::vector<float>{0.2f})});
  const Tensor sample{{0.5f, -1.0f}}, target({1, 1}, std::vector<float>{1});
  // [/model]

  const Pass p = forward();
  std::printf("hidden, by hand    %.6f %.6f\n", p.h[0], p.h[1]);
  std::printf("answer, by hand    %.6f    by cornu %.6f\n", p.y, model.predict_on_batch(sample).at(0));
  std::printf("loss,   by hand    %.6f    by cornu %.6f\n", p.loss, model.test_on_batch(sample, target).at("loss"));

  // [gradients]
  auto slopes = function([](const std::vector<Value>& in) {
    const Value h = tanh(matmul(in[0], in[1]) + in[2]);
    const Value y = matmul(h, in[3]) + in[4];
    return gradients(sum(square(y - 1)), {in[1], in[2], in[3], in[4]});
  });
  const std::vector<Tensor> w = model.get_weights();
  const std::vector<Tensor> g = slopes({sample, w[0], w[1], w[2], w[3]});
  // [/gradients]

  const Slopes d = backward(p);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) std::printf("dL/dW1[%d][%d] by hand %9.6f    by cornu %9.6f\n", i, j, d.W1[i][j], g[0].at(i * 2 + j));
  for (int j = 0; j < 2; ++j) std::printf("dL/db1[%d]    by hand %9.6f    by cornu %9.6f\n", j, d.b1[j], g[1].at(j));
  for (int j = 0; j < 2; ++j) std::printf("dL/dW2[%d]    by hand %9.6f    by cornu %9.6f\n", j, d.W2[j], g[2].at(j));
  std::printf("dL/db2       by hand %9.6f    by cornu %9.6f\n", d.b2, g[3].at(0));

  std::printf("step  loss by hand  loss by cornu\n");
  for (int step = 1; step <= 5; ++step) {
    const Pass now = forward();
    descend(backward(now), 0.1);
    // [fit]
    const double loss = model.train_on_batch(sample, target).at("loss");
    // [/fit]
    std::printf("%4d  %12.6f  %13.6f\n", step, now.loss, loss);
  }
  std::printf("W1 by hand  %.5f %.5f %.5f %.5f\n", W1[0][0], W1[0][1], W1[1][0], W1[1][1]);
  const Tensor after = model.get_weights()[0];
  std::printf("W1 by cornu %.5f %.5f %.5f %.5f\n", after.at(0), after.at(1), after.at(2), after.at(3));
}
