// Text for the two examples that learn to write: characters as numbers, windows to learn from, and writing.
#pragma once
#include <cornu/cornu.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

/// The licences that every Debian system has (package base-files): about 300 kB of English.
inline std::string licences() {
  std::string all;
  for (const char* name : {"GPL-3", "GPL-2", "LGPL-2.1", "Apache-2.0", "MPL-2.0", "GFDL-1.3"}) {
    std::ifstream file(std::string("/usr/share/common-licenses/") + name);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  cornu::require<cornu::IoError>(!all.empty(), "no text in /usr/share/common-licenses; Debian's package base-files has it");
  return all;
}

/// Which characters a text has, and their numbers.
struct Alphabet {
  std::string characters;
  std::array<int, 256> number{};
  explicit Alphabet(const std::string& text) {
    std::array<bool, 256> seen{};
    for (const unsigned char c : text) seen[c] = true;
    for (int c = 0; c < 256; ++c)
      if (seen[static_cast<size_t>(c)]) number[static_cast<size_t>(c)] = static_cast<int>(characters.size()), characters += static_cast<char>(c);
  }
  int64_t size() const { return static_cast<int64_t>(characters.size()); }
  int operator()(char c) const { return number[static_cast<unsigned char>(c)]; }
};

struct Windows {
  cornu::Tensor x, y;  // int32 [windows, length]: y is x one character later
};
inline Windows windows(const std::string& text, const Alphabet& alphabet, int64_t length, int64_t step) {
  std::vector<int32_t> x, y;
  int64_t count = 0;
  for (size_t at = 0; at + static_cast<size_t>(length) + 1 <= text.size(); at += static_cast<size_t>(step), ++count)
    for (size_t i = 0; i < static_cast<size_t>(length); ++i) x.push_back(alphabet(text[at + i])), y.push_back(alphabet(text[at + i + 1]));
  return {cornu::Tensor({count, length}, x), cornu::Tensor({count, length}, y)};
}

/// Lets the model go on from `begin`: it sees the last `length` characters, and one is drawn from p^(1 / temperature).
inline std::string write_on(cornu::Model& model, const Alphabet& alphabet, std::string begin, int64_t length, int characters, double temperature = 0.5) {
  std::mt19937 rng(1);
  for (int n = 0; n < characters; ++n) {
    std::vector<int32_t> last;
    for (int64_t i = 0; i < length; ++i) last.push_back(alphabet(begin[begin.size() - static_cast<size_t>(length - i)]));
    const cornu::Tensor p = model.predict_on_batch(cornu::Tensor({1, length}, last));
    std::vector<double> weights;
    for (int64_t c = 0; c < alphabet.size(); ++c) weights.push_back(std::pow(p.at((length - 1) * alphabet.size() + c), 1 / temperature));
    begin += alphabet.characters[static_cast<size_t>(std::discrete_distribution<int>(weights.begin(), weights.end())(rng))];
  }
  return begin;
}
