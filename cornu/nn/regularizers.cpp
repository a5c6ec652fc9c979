#include "cornu/nn/regularizers.h"

#include "cornu/nn/choose.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value L1::operator()(Value weight) const { return sum(absolute(weight)) * l1; }
Value L2::operator()(Value weight) const { return sum(square(weight)) * l2; }
Value L1L2::operator()(Value weight) const {
  if (l2 == 0) return L1{l1}(weight);
  if (l1 == 0) return L2{l2}(weight);
  return L1{l1}(weight) + L2{l2}(weight);
}

namespace {
constexpr std::string_view refused[] = {"OrthogonalRegularizer"};
const Family<L1, L2, L1L2> family = {"regularizer", refused};
}  // namespace

Regularizer::Regularizer(std::string_view name) : Regularizer(choose<Regularizer>(family, name)) {
  if (as<L1L2>()) *this = Regularizer(L1L2{0.01, 0.01});
  given_name_ = name;
}

Config to_config(const Regularizer& regularizer) { return regularizer.object_config("keras.regularizers", "the regularizer"); }

void from_config(const Config& config, Regularizer& regularizer) {
  if (config.is_null()) return void(regularizer = {});
  if (config.is_string()) return void(regularizer = Regularizer(config.as_string().c_str()));
  const ObjectConfig object = read_object(config, "regularizer");
  regularizer = choose<Regularizer>(family, object.name, object.config);
}

}  // namespace cornu
