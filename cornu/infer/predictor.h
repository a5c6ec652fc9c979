// Predictor: a model's answers for repeated small questions, from any number of threads at once.
//
//   Predictor predictor(model);
//   predictor.predict(pixels, probabilities);   // std::span<const float>, std::span<float>: any number of samples, one after the other
//
// It is made for answering and for nothing else. Weights are constants: what depends on them alone is computed once, batch
// normalization goes into the convolution or dense layer before it, and weights may be kept in 8 bits.
#pragma once
#include <memory>
#include <span>

#include "cornu/train/model.h"

namespace cornu {

struct PredictorOptions {
  /// "int8": kernels of products and convolutions are rounded to 8 bits, one scale for each output channel, as Keras's
  /// model.quantize("int8") does it; docs/inference.md says what is computed in 8 bits. "": weights stay as they are.
  std::string quantize = "";
  /// Samples that one pass takes. Larger batches go through in parts; smaller ones in parts of 1, 2, 4, ... samples.
  int64_t max_batch = 32;
  /// Samples like those to come, where they differ from what the model's Inputs say: bytes for floats, images for rows, a size for
  /// an axis that was left open. Their numbers do not matter.
  TensorGroup like = {};
};

/// Any number of threads may call a Predictor at once (at most 64 are served, the others wait). Each call computes on the thread
/// that makes it. Weights were copied when it was made: the model may be trained, changed or destroyed meanwhile, and the answers
/// stay as they are. The first call for a size of parts compiles it, and the first time that so many threads call at once makes
/// memory for one more; all other calls neither allocate nor lock, but for what they return.
class Predictor {
 public:
  /// Throws ArgumentError for a model without weights, UnsupportedError for one whose batches leave something to the next
  /// (stateful layers) or whose outputs have no row for each sample; ArgumentError and UnsupportedError for options.
  explicit Predictor(Model& model, PredictorOptions options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// The answers to the samples in x, written to y. Of a model with one input and one output, both float32. Throws ShapeError unless x
  /// holds whole samples, and y has room for the answers to them and no more.
  void predict(std::span<const float> x, std::span<float> y) const;
  /// The same for tensors: [samples, ...] each. Throws ShapeError for other types than the Predictor was made for.
  void predict(const Tensor& x, Tensor& y) const;
  Tensor predict(const Tensor& x) const;
  /// Every output, of models with several inputs or outputs.
  std::vector<Tensor> predict_all(const TensorGroup& x) const;

  /// What x has to be and what y will be, with an unknown batch axis, in the order of the model's inputs and outputs.
  const std::vector<TensorType>& input_types() const;
  const std::vector<TensorType>& output_types() const;
  /// Of the weights, as they are kept.
  int64_t weight_bytes() const;
  /// The compiled steps for a part of so many samples: one of the sizes above.
  std::string program_text(int64_t samples = 1) const;
  /// Time by step and layer over `runs` passes over one part of so many samples, all zeros.
  std::string profile_text(int64_t samples = 1, int runs = 1000) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
