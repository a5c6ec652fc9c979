// Hashing: categories without a vocabulary.
#pragma once
#include "cornu/layers/categories.h"

namespace cornu {

/// The salt of a strong hash: null, a number (used twice) or two numbers.
struct Salt {
  std::vector<int64_t> numbers;  // none or two
  Salt() = default;
  Salt(int64_t both) : numbers{both, both} {}
  Salt(int64_t first, int64_t second) : numbers{first, second} {}
};
Config to_config(const Salt& salt);
void from_config(const Config& config, Salt& salt);

/// The bin in [0, bins) of a text: FarmHash's fingerprint modulo bins, or with a salt SipHash's.
int64_t hash_bin(std::string_view text, int64_t bins, const Salt& salt = {});
/// The same for the decimal text of each integer.
Value hash_bins(Value integers, int64_t bins, const Salt& salt = {});

/// Integers, or texts, to one of num_bins bins, int64, by a hash: TensorFlow's bins exactly. Floats are truncated to integers.
/// With a mask_value bin 0 is for that value alone.
struct Hashing {
  int64_t num_bins = 0;
  struct Mask {  // null, a number, or a text for texts
    std::optional<int64_t> number = {};
    std::optional<std::string> text = {};
    Mask() = default;
    Mask(int64_t n) : number(n) {}
    Mask(std::string t) : text(std::move(t)) {}
    Mask(const char* t) : text(t) {}
  };
  Mask mask_value = {};
  Salt salt = {};
  Encoding output_mode = Encoding::integer;

  static constexpr std::string_view class_name = "Hashing";
  static Config extras() { return only("sparse", false); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    // Keras asks for integers where the output is integers.
    Dtype dtype = {self.output_mode == Encoding::integer ? "int64" : "float32"};
    visit("dtype", dtype);
    visit("num_bins", self.num_bins);
    visit("salt", self.salt);
    visit("mask_value", self.mask_value);
    visit("output_mode", self.output_mode);
  }
  struct Dtype {
    std::string name;
  };
  Value operator()(Value x, Scope& scope) const;
  /// The bins of texts, int64 [texts]; in the other output modes the vectors of them, as one sample where they are summed.
  Tensor operator()(const std::vector<std::string>& texts) const;
};
Config to_config(const Hashing::Mask& mask);
void from_config(const Config& config, Hashing::Mask& mask);
Config to_config(const Hashing::Dtype& dtype);
void from_config(const Config& config, Hashing::Dtype& dtype);
CORNU_LAYER(Hashing)

/// encode_categories() for numbers at hand: int64 `indices`, float32 results.
Tensor encode_categories(const Tensor& indices, Encoding encoding, int64_t depth);

namespace layers {
using cornu::Hashing;
}

}  // namespace cornu
