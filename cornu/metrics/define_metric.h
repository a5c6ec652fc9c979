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
          }};
}

}  // namespace cornu

#define CORNU_DEFINE_METRIC(T)                           \
  template struct Chosen<MetricInterface, T>;            \
  template struct MetricHolder<T>;                       \
  template <> const MetricRules& metric_rules<T>() {     \
    static const MetricRules rules = define_metric<T>(); \
    return rules;                                        \
  }
