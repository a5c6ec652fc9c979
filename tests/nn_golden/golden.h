// Keras's numbers, from tests/golden/, as Configs and Tensors.
#pragma once
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "cornu/io/json.h"
#include "tests/harness.h"

namespace cornu::testing {

inline Config golden(const std::string& name) {
  std::ifstream file(std::string(CORNU_SOURCE_DIR) + "/tests/golden/" + name, std::ios::binary);
  require<IoError>(file.good(), "cannot read tests/golden/", name);
  LoadLimits limits;
  return parse_json(std::string(std::istreambuf_iterator<char>(file), {}), limits);
}

inline void flatten(const Config& c, std::vector<double>& numbers) {
  if (c.is_string()) return numbers.push_back(std::strtod(c.as_string().c_str(), nullptr));  // "nan", "inf"
  if (!c.is_list()) return numbers.push_back(c.is_bool() ? c.as_bool() : c.as_double());
  for (const Config& item : c.as_list()) flatten(item, numbers);
}
inline Shape shape_of(const Config& c) {
  Shape shape;
  for (const Config* at = &c; at->is_list(); at = &at->as_list()[0]) {
    shape.push_back(static_cast<int64_t>(at->as_list().size()));
    if (at->as_list().empty()) break;
  }
  return shape;
}
/// A nested list as a tensor. `shape` is a list of sizes, where the golden file states it.
inline Tensor tensor(const Config& c, DType dtype = DType::float64, const Config& shape = {}) {
  std::vector<double> numbers;
  flatten(c, numbers);
  Shape s;
  if (shape.is_null()) s = shape_of(c);
  else
    for (const Config& size : shape.as_list()) s.push_back(size.as_int());
  return Tensor(s, numbers).cast(dtype);
}

/// Keras rounds the scalars in its formulas (0.2, sqrt(2 / pi), 1e-7, ...) to float32 even where it computes in float64.
inline constexpr double float64_of_keras = 1e-7;

/// The largest |a - b| / (scale + |b|).
inline double difference(const Tensor& a, const Tensor& b, double scale = 1) {
  if (a.size() != b.size()) return 1e30;
  double worst = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(a.at(i) - b.at(i)) / (scale + std::abs(b.at(i)));
    worst = d == d ? std::max(worst, d) : 1e30;
  }
  return worst;
}

}  // namespace cornu::testing
