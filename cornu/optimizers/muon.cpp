#include "cornu/optimizers/muon.h"

#include <algorithm>
#include <cmath>

#include "cornu/ops/ops.h"
#include "cornu/optimizers/adam.h"
#include "cornu/optimizers/search.h"

namespace cornu {
namespace {

bool takes_adam(const Muon& muon, const std::string& path, const TensorType& weight) {
  if (weight.shape.rank() != 2) return true;
  std::string lower = path;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (muon.exclude_embeddings && lower.find("embedding") != std::string::npos) return true;
  return std::any_of(muon.exclude_layers.begin(), muon.exclude_layers.end(), [&](const std::string& e) { return found_in(path, e, "Muon: exclude_layers"); });
}

/// The nearest matrix to x whose rows, or columns where those are fewer, are orthogonal and of length one; roughly.
Value orthogonal(Value x, const Muon& muon) {
  const bool high = x.shape()[0] > x.shape()[1];
  if (high) x = transpose(x);
  x = x / (sqrt(sum(square(x))) + 1e-7);
  for (int64_t i = 0; i < muon.ns_steps; ++i) {
    const Value a = matmul(x, x, {.transpose_b = true});
    const Value b = a * muon.muon_b + matmul(a * muon.muon_c, a);
    x = x * muon.muon_a + matmul(b, x);
  }
  return high ? transpose(x) : x;
}

}  // namespace

std::optional<Slot> Muon::slot(std::string_view slot, const std::string& path, const TensorType& weight) const {
  if (slot == "velocity" && !takes_adam(*this, path, weight)) return {};
  return Slot{weight};
}

std::optional<double> Muon::weight_decay_of(const std::string& path, const TensorType& weight) const {
  return takes_adam(*this, path, weight) ? adam_weight_decay : weight_decay;
}

Value Muon::operator()(WeightUpdate& u) const {
  require(ns_steps >= 0, "Muon: ns_steps is a number of iterations, and was ", ns_steps);
  if (takes_adam(*this, u.path(), u.weight.type())) return AdamFormula{.beta_1 = adam_beta_1, .beta_2 = adam_beta_2, .epsilon = epsilon, .rate_factor = adam_lr_ratio}(u);
  const Value m = u.slot("momentum"), g = u.gradient, next = m * momentum + g;
  u.set(m, next);
  const Value step = orthogonal(nesterov ? g + next * momentum : next, *this);
  const auto larger = static_cast<double>(std::max(step.shape()[0], step.shape()[1]));
  const double factor = rms_rate ? std::sqrt(larger) * *rms_rate : 1;
  return u.weight - step * (factor == 1 ? u.learning_rate : u.learning_rate * factor);
}

std::vector<std::vector<std::string_view>> Muon::slots() const { return {{"momentum", "velocity"}}; }

}  // namespace cornu
