// From a struct to its MetricRules. Included by the files that define metrics, and by nobody else.
#pragma once
#include "cornu/metrics/metric.h"
#include "cornu/nn/choose.h"

namespace cornu {

template <class T> MetricRules define_metric() {
  return {.class_name = T::class_name, .names = names_of<T>(), .make = [](const Config& options) {
            T metric{};
            object_from_config(options, metric);
            return Metric(std::move(metric));
          },
          .options = [] {
            if constexpr (requires { T::loss_only; }) return without(fields_to_config(T{}), T::loss_only);
            else return fields_to_config(T{});
          }};
}

}  // namespace cornu

#define CORNU_DEFINE_METRIC(T)                           \
  template <> std::shared_ptr<const MetricInterface> metric_holder(T& object) { return std::make_shared<MetricHolder<T>>(std::move(object)); } \
  template <> const MetricRules& metric_rules<T>() {     \
    static const MetricRules rules = define_metric<T>(); \
    return rules;                                        \
  }
