#include "cornu/train/options.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(ValidationData)
ValidationData::ValidationData(TensorGroup inputs, TensorGroup labels, TensorGroup weight) : x(std::move(inputs)), y(std::move(labels)), sample_weight(std::move(weight)) {}
ValidationData::ValidationData(const Split& split) : x(split.x), y(split.y) {}
ValidationData::ValidationData(Source batches) : source(std::move(batches)) {}

}  // namespace cornu
