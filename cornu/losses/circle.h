// Circle loss: embeddings of one class close together, those of different classes apart.
#pragma once
#include "cornu/losses/loss.h"

namespace cornu {

/// For labels [batch] or [batch, 1] and embeddings [batch, size] of length 1. With the distances d = max(1 - cosine, 0) of a
/// sample to all samples p of its class (itself left out when remove_diagonal) and n of others,
///   softplus(logsumexp(-gamma max(margin + d_p, 0) (margin - d_p)) + logsumexp(gamma max(1 + margin - d_n, 0) (1 - margin - d_n)))
/// (Sun et al., "Circle loss", 2020, written in distances as Keras does). A sample without partners in its class, or without
/// others, costs 0 and has no gradient; samples that cost 0 do not count in a mean.
struct Circle {
  double gamma = 80;
  double margin = 0.4;
  bool remove_diagonal = true;
  std::string reduction = "sum_over_batch_size";
  std::string name = "circle";
  static constexpr std::string_view class_name = "Circle";
  static Config extras() { return only("dtype", "float32"); }
  CORNU_FIELDS(name, reduction, gamma, margin, remove_diagonal)
  Value operator()(Value y_true, Value y_pred) const;
  Value mask(Value y_true, Value y_pred, Value values) const;
};

CORNU_LOSS(Circle)

}  // namespace cornu
