// STFT: the Fourier transform of short windows as a kernel, and the windows.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "cornu/nn/choose.h"
#include "cornu/nn/initializers.h"

namespace cornu {
namespace {

constexpr double pi = std::numbers::pi;

/// a0 - a1 cos(2 pi x) + a2 cos(4 pi x) - ..., x in [0, 1]: the family that most windows belong to (Harris 1978).
struct Cosines {
  std::string_view name;
  std::vector<double> a;
};
const std::vector<Cosines>& cosines() {
  static const std::vector<Cosines> all = {{"boxcar", {1}},
                                           {"hann", {0.5, 0.5}},
                                           {"hamming", {0.54, 0.46}},
                                           {"blackman", {0.42, 0.50, 0.08}},
                                           {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
                                           {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
                                           {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}}};
  return all;
}

double window_at(std::string_view name, double i, double n) {
  for (const Cosines& w : cosines()) {
    if (w.name != name) continue;
    double sum = 0;
    for (size_t k = 0; k < w.a.size(); ++k) sum += (k % 2 ? -1 : 1) * w.a[k] * std::cos(2 * pi * static_cast<double>(k) * i / (n - 1));
    return sum;
  }
  const double from_the_middle = std::abs(i - (n - 1) / 2);
  if (name == "bartlett") return 1 - 2 * from_the_middle / (n - 1);
  if (name == "triang") return 1 - 2 * from_the_middle / (std::fmod(n, 2) == 0 ? n : n + 1);
  if (name == "cosine") return std::sin(pi * (i + 0.5) / n);
  if (name == "bohman") {
    const double x = 2 * from_the_middle / (n - 1);
    return i == 0 || i == n - 1 ? 0 : (1 - x) * std::cos(pi * x) + std::sin(pi * x) / pi;
  }
  if (name == "parzen") {
    const double x = 2 * from_the_middle / n;
    return from_the_middle <= (n - 1) / 4 ? 1 - 6 * x * x + 6 * x * x * x : 2 * std::pow(1 - x, 3);
  }
  std::vector<std::string_view> known = {"bartlett", "triang", "cosine", "bohman", "parzen"};
  for (const Cosines& w : cosines()) known.push_back(w.name);
  throw UnsupportedError(text("the window '", printable(name), "' is not supported", did_you_mean(name, known), "; give its numbers instead"));
}

}  // namespace

std::vector<double> window_named(std::string_view name, int64_t n, bool periodic) {
  if (name == "hanning") name = "hann";
  if (name == "rectangular" || name == "ones") name = "boxcar";
  std::vector<double> numbers;
  const int64_t full = periodic ? n + 1 : n;
  for (int64_t i = 0; i < n; ++i) {
    const double at = window_at(name, static_cast<double>(i), static_cast<double>(std::max<int64_t>(full, 2)));  // also finds out whether there is one of that name
    numbers.push_back(n == 1 ? 1 : at);
  }
  return numbers;
}

Tensor STFT::operator()(const Shape& shape, DType dtype, uint64_t) const {
  require(side == "real" || side == "imag", "STFT: side must be real or imag, and is '", printable(side), "'");
  require(!scaling || *scaling == "density" || *scaling == "spectrum", "STFT: scaling must be density, spectrum or null, and is '", printable(scaling.value_or("")), "'");
  require<ShapeError>(shape.rank() == 3 && shape.is_known() && shape[1] == 1, "STFT initializes kernels [time, 1, frequencies], and was asked for ", shape);
  const int64_t frames = shape[0], frequencies = shape[2];
  std::vector<double> w(static_cast<size_t>(frames), 1);
  double divisor = 1;
  if (window.numbers || window.name) {
    w = window.numbers ? *window.numbers : window_named(*window.name, frames, periodic);
    require<ShapeError>(w.size() == static_cast<size_t>(frames), "STFT: the window has ", w.size(), " numbers, and the kernel ", frames, " steps");
    double squares = 0, absolute = 0;
    for (const double x : w) squares += x * x, absolute += std::abs(x);
    if (scaling) divisor = *scaling == "density" ? std::sqrt(squares) : absolute;
  }
  std::vector<double> numbers;
  const auto n = static_cast<double>((frequencies - 1) * 2);
  for (int64_t t = 0; t < frames; ++t)
    for (int64_t f = 0; f < frequencies; ++f) {
      const double angle = -2 * pi * static_cast<double>(t) * (static_cast<double>(f) / n);
      numbers.push_back((side == "real" ? std::cos(angle) : std::sin(angle)) * w[static_cast<size_t>(t)] / divisor);
    }
  return Tensor(shape, numbers).cast(dtype);
}

Config to_config(const STFT::Window& window) { return window.numbers ? to_config(*window.numbers) : to_config(window.name); }
void from_config(const Config& config, STFT::Window& window) {
  window = {.name = {}, .numbers = {}};
  if (config.is_string()) window.name = config.as_string();
  else if (!config.is_null()) from_config(config, window.numbers.emplace());
}

}  // namespace cornu
