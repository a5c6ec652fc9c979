#include "cornu/layers/spatial.h"

namespace cornu::spatial {

Speaker speaker(const Scope& scope, std::string_view class_name, const Value& x, int axes) {
  constexpr std::string_view wanted[] = {"[batch, steps, channels]", "[batch, height, width, channels]", "[batch, depth, height, width, channels]"};
  require<ShapeError>(x.shape().rank() == axes + 2, scope.path(), ": ", class_name, " takes ", wanted[axes - 1], " and was given ", x.shape(),
                      x.shape().rank() == axes + 1 ? "; reshape it if each position is one number: it needs an axis of channels, of size 1" : "");
  return {scope, class_name, x.shape()};
}

void check_sizes(const Speaker& s, std::string_view what, const std::vector<int64_t>& sizes, int64_t least) {
  constexpr int64_t most = int64_t{1} << 31;
  for (const int64_t size : sizes) {
    require(size <= most, s.where(), " takes a ", what, " of at most ", most, " along each axis, and was given ", sizes);
    require(size >= least, s.where(), " takes a ", what, " of ", least == 0 ? "0 or more" : "1 or more", " along each axis, and was given ", sizes);
  }
}

std::string padding_named(const Speaker& s, const std::string& given, bool causal) {
  std::string name = given;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool known = name == "valid" || name == "same" || (causal && name == "causal");
  std::vector<std::string_view> names = {"valid", "same"};
  if (causal) names.emplace_back("causal");
  require(known, s.where(), "'s padding can be 'valid'", causal ? ", 'same' or 'causal'" : " or 'same'", ", and was given as '", printable(given), "'",
          did_you_mean(name, names));
  return name;
}

Padding padding_for(const Speaker& s, const std::string& padding, const std::vector<int64_t>& in, const std::vector<int64_t>& reach,
                    const std::vector<int64_t>& strides) {
  Padding p;
  for (size_t a = 0; a < in.size(); ++a) {
    int64_t total = 0;
    if (padding == "causal") {
      total = reach[a] - 1;
    } else if (padding == "same") {
      const int64_t windows = (in[a] + strides[a] - 1) / strides[a];
      total = std::max<int64_t>((windows - 1) * strides[a] + reach[a] - in[a], 0);
    }
    require<ShapeError>(in[a] > 0 && in[a] + total >= reach[a], s.where(), " was given ", s.in, ", which is too small: its window covers ", reach,
                        in[a] > 0 ? "; make the window smaller or pad with padding = \"same\"" : "");
    p.before.push_back(padding == "causal" ? total : total / 2);
    p.after.push_back(total - p.before.back());
  }
  return p;
}

std::vector<int64_t> reach_of(const std::vector<int64_t>& kernel, const std::vector<int64_t>& dilation) {
  std::vector<int64_t> reach;
  for (size_t a = 0; a < kernel.size(); ++a) reach.push_back((kernel[a] - 1) * dilation[a] + 1);
  return reach;
}

void check_strides(const Speaker& s, const std::vector<int64_t>& strides, const std::vector<int64_t>& dilation) {
  const auto above_one = [](const std::vector<int64_t>& list) { return *std::max_element(list.begin(), list.end()) > 1; };
  require(!above_one(strides) || !above_one(dilation), s.where(), " takes strides above 1 or a dilation_rate above 1, not both, and was given strides ",
          strides, " and dilation_rate ", dilation);
}

}  // namespace cornu::spatial
