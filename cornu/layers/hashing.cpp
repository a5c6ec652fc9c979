#include "cornu/layers/hashing.h"

#include "cornu/base/fingerprint.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Hashing)

Config to_config(const Salt& salt) { return salt.numbers.empty() ? Config() : to_config(salt.numbers); }

void from_config(const Config& config, Salt& salt) {
  salt = {};
  if (config.is_null()) return;
  if (!config.is_list()) return void(salt = Salt(config.as_int()));
  from_config(config, salt.numbers);
  require<FormatError>(salt.numbers.size() == 2, "a salt is a number or two numbers, and was given as ", config);
}

Config to_config(const Hashing::Mask& mask) { return mask.number ? Config(*mask.number) : mask.text ? Config(*mask.text) : Config(); }

void from_config(const Config& config, Hashing::Mask& mask) {
  mask = {};
  if (config.is_string()) mask.text = config.as_string();
  else if (!config.is_null()) mask.number = config.as_int();
}

Config to_config(const Hashing::Dtype& dtype) { return dtype.name; }
void from_config(const Config&, Hashing::Dtype&) {}  // follows from the output mode

int64_t hash_bin(std::string_view text, int64_t bins, const Salt& salt) {
  const uint64_t hash = salt.numbers.empty() ? fingerprint64(text) : siphash64(text, {static_cast<uint64_t>(salt.numbers[0]), static_cast<uint64_t>(salt.numbers[1])});
  return static_cast<int64_t>(hash % static_cast<uint64_t>(bins));
}

Value hash_bins(Value integers, int64_t bins, const Salt& salt) {
  return salt.numbers.empty() ? hash_bucket(integers, {.bins = bins}) : hash_bucket(integers, {.bins = bins, .strong = true, .key0 = salt.numbers[0], .key1 = salt.numbers[1]});
}

Tensor encode_categories(const Tensor& indices, Encoding encoding, int64_t depth) {
  if (encoding == Encoding::integer) return indices;
  const auto from = indices.values<int64_t>();
  const Shape& shape = indices.shape();
  const bool each = encoding == Encoding::one_hot;
  // How many indices share a vector: none, or all of a sample.
  const int64_t n = each ? 1 : shape.empty() ? 1 : shape.dim(-1);
  Shape out = !each ? shape.drop_back() : shape.rank() > 1 && shape.dim(-1) == 1 ? shape.drop_back() : shape;
  out.push_back(depth);
  Tensor encoded(DType::float32, out);
  const auto to = encoded.mutable_values<float>();
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] < 0 || from[i] >= depth) continue;
    float& at = to[static_cast<size_t>(static_cast<int64_t>(i) / n * depth + from[i])];
    at = encoding == Encoding::count || encoding == Encoding::tf_idf ? at + 1 : 1;
  }
  return encoded;
}

namespace {

void check(const Hashing& layer, const std::string& where) {
  require(layer.num_bins > 0, where, ": Hashing takes a positive num_bins, and was given ", layer.num_bins);
  require(layer.output_mode != Encoding::tf_idf, where, ": Hashing has no output mode tf_idf; its modes are int, one_hot, multi_hot and count");
}

}  // namespace

Value Hashing::operator()(Value x, Scope& scope) const {
  check(*this, scope.path());
  require(!mask_value.text, scope.path(), ": Hashing's mask_value is the text '", printable(mask_value.text.value_or("")), "', but in a model it hashes numbers");
  const Value numbers = is_integer(x.dtype()) ? x : cast(x, DType::int64);
  const bool masked = mask_value.number && num_bins > 1;
  Value bins = hash_bins(numbers, masked ? num_bins - 1 : num_bins, salt);
  if (masked) {
    const Value wide = numbers.dtype() == DType::int64 ? numbers : cast(numbers, DType::int64);
    const Value at = equal(wide, scope.graph().constant(Tensor::scalar<int64_t>(*mask_value.number)));
    bins = select(at, cornu::scalar(bins, 0), bins + 1);
  }
  return encode_categories(bins, output_mode, num_bins, scope.dtype());
}

Tensor Hashing::operator()(const std::vector<std::string>& texts) const {
  check(*this, "Hashing");
  require(!mask_value.number, "Hashing: the mask_value is the number ", mask_value.number.value_or(0), ", but it was called on texts; give it as a text");
  const bool masked = mask_value.text && num_bins > 1;
  std::vector<int64_t> bins;
  for (const std::string& text : texts) {
    const bool hidden = masked && text == *mask_value.text;
    bins.push_back(hidden ? 0 : hash_bin(text, masked ? num_bins - 1 : num_bins, salt) + masked);
  }
  return encode_categories(Tensor(Shape{static_cast<int64_t>(bins.size())}, bins), output_mode, num_bins);
}

}  // namespace cornu
