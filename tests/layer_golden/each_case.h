// The cases of tests/golden/layers/, one after the other, and how far numbers are apart. CORNU_FAMILY=convolution takes one file.
#pragma once
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "case.h"

namespace cornu::testing {

inline std::vector<std::string> families() {
  std::vector<std::string> names;
  const char* only = std::getenv("CORNU_FAMILY");
  for (const auto& entry : std::filesystem::directory_iterator(std::string(CORNU_SOURCE_DIR) + "/tests/golden/layers"))
    if (!only || entry.path().stem() == only) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

template <class F> void for_each_case(F f) {
  for (const std::string& family : families()) {
    const Config all = golden("layers/" + family + ".json");
    for (size_t i = 0; i < all["cases"].as_list().size(); ++i) {
      const Config& c = all["cases"].as_list()[i];
      CAPTURE(family);
      CAPTURE(i);
      CAPTURE(text(c["serialized"]["config"]));
      try {
        f(c);
      } catch (const Error& e) {
        FAIL_CHECK(std::string(e.what()));
      }
    }
  }
}

inline double scale_of(const Tensor& t) {
  double largest = 1e-3;
  for (int64_t i = 0; i < t.size(); ++i)
    if (std::isfinite(t.at(i))) largest = std::max(largest, std::abs(t.at(i)));
  return largest;
}
/// The largest error, relative to the largest number of the array: rounding in sums is.
inline double error(const Tensor& a, const Tensor& b, double at_least = 0) {
  if (a.shape() != b.shape()) return 1e30;
  double worst = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(a.at(i) - b.at(i));
    if (a.at(i) != b.at(i) && !(std::isnan(a.at(i)) && std::isnan(b.at(i)))) worst = d == d ? std::max(worst, d) : 1e30;
  }
  return worst / std::max(scale_of(b), at_least);
}

}  // namespace cornu::testing
