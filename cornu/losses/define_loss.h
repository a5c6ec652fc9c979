// From a struct to its LossRules. Included by the files that define losses, and by nobody else.
#pragma once
#include "cornu/losses/loss.h"
#include "cornu/nn/choose.h"

namespace cornu {

/// keras.backend.epsilon()
inline constexpr double keras_epsilon = 1e-7;

/// Keras writes no reduction as null.
Config with_named_reduction(const Config& options);

template <class T> LossRules define_loss() {
  return {.class_name = T::class_name, .names = names_of<T>(), .make = [](const Config& options) {
            T loss{};
            object_from_config(with_named_reduction(options), loss);
            return Loss(std::move(loss));
          },
          .options = [] { return fields_to_config(T{}); }};
}

}  // namespace cornu

#define CORNU_DEFINE_LOSS(T)                         \
  template <> std::shared_ptr<const LossInterface> loss_holder(T& object) { return std::make_shared<LossHolder<T>>(std::move(object)); } \
  template <> const LossRules& loss_rules<T>() {     \
    static const LossRules rules = define_loss<T>(); \
    return rules;                                    \
  }
