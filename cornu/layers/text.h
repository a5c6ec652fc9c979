// TextVectorization: from texts to tensors, before a model.
#pragma once
#include <functional>

#include "cornu/layers/lookup.h"

namespace cornu {

/// How a text is made even: "lower_and_strip_punctuation", "lower", "strip_punctuation" (ASCII letters and punctuation), nothing
/// (nullptr), or a function of your own, which no file can hold.
struct TextStandardize {
  std::string name = "lower_and_strip_punctuation";  // empty: nothing
  std::function<std::string(const std::string&)> function = {};
  TextStandardize() = default;
  TextStandardize(std::nullptr_t) : name() {}
  TextStandardize(const char* known) : name(known) {}
  template <class F>
    requires std::is_invocable_r_v<std::string, F, const std::string&>
  TextStandardize(F own) : name(), function(std::move(own)) {}
};
Config to_config(const TextStandardize& standardize);
void from_config(const Config& config, TextStandardize& standardize);

/// How a text becomes tokens: "whitespace" (ASCII's), "character" (Unicode's, from UTF-8), not at all (nullptr), or a function.
struct TextSplit {
  std::string name = "whitespace";  // empty: not at all
  std::function<std::vector<std::string>(const std::string&)> function = {};
  TextSplit() = default;
  TextSplit(std::nullptr_t) : name() {}
  TextSplit(const char* known) : name(known) {}
  template <class F>
    requires std::is_invocable_r_v<std::vector<std::string>, F, const std::string&>
  TextSplit(F own) : name(), function(std::move(own)) {}
};
Config to_config(const TextSplit& split);
void from_config(const Config& config, TextSplit& split);

/// Which runs of tokens are tokens themselves, joined by spaces: none; Ngrams{2} of 1 and of 2; Ngrams{{2, 3}} of 2 and of 3.
struct Ngrams {
  std::optional<int64_t> up_to = {};
  std::vector<int64_t> widths = {};
  Ngrams() = default;
  Ngrams(int64_t n) : up_to(n) {}
  Ngrams(std::initializer_list<int64_t> list) : widths(list) {}
};
Config to_config(const Ngrams& ngrams);
void from_config(const Config& config, Ngrams& ngrams);

/// Texts to vectors: each is made even, split, grouped into n-grams and looked up. Index 0 is for what is missing, 1 ("[UNK]") for
/// words that the vocabulary lacks; in the output modes other than int, 0 is for these. It stands before a model:
///
///   TextVectorization vectorize{.max_tokens = 10000, .output_sequence_length = 100};
///   vectorize.adapt(texts);
///   model.fit(vectorize(texts), labels);
struct TextVectorization {
  std::optional<int64_t> max_tokens = {};
  TextStandardize standardize = {};
  TextSplit split = {};
  Ngrams ngrams = {};
  Encoding output_mode = Encoding::integer;
  std::optional<int64_t> output_sequence_length = {};  // for int: shorter texts are padded with 0, longer ones cut
  bool pad_to_max_tokens = false;
  Vocabulary<std::string> vocabulary = {};
  std::optional<NumberArray> idf_weights = {};

  static constexpr std::string_view class_name = "TextVectorization";
  static Config extras() { return only("sparse", false).set("ragged", false).set("encoding", "utf-8"); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("max_tokens", self.max_tokens), visit("standardize", self.standardize), visit("split", self.split), visit("ngrams", self.ngrams);
    visit("output_mode", self.output_mode), visit("output_sequence_length", self.output_sequence_length), visit("pad_to_max_tokens", self.pad_to_max_tokens);
    visit("vocabulary", self.vocabulary), visit("idf_weights", self.idf_weights);
    std::optional<int64_t> vocabulary_size;
    if constexpr (std::is_const_v<Self>) vocabulary_size = self.vocabulary_size();
    visit("vocabulary_size", vocabulary_size);
  }
  /// From Keras's config of one, as in a .keras file; and back.
  static TextVectorization from_config(const Config& config);
  Config get_config() const;

  /// Learns the vocabulary, at most max_tokens with the special ones, by how often tokens occur.
  void adapt(const std::vector<std::string>& texts);
  /// With "" (int only) and "[UNK]", in the order of their indices.
  std::vector<std::string> get_vocabulary() const;
  int64_t vocabulary_size() const;
  /// Keras's assets/<layer>/vocabulary.txt: a token a line.
  std::string vocabulary_file() const;
  void read_vocabulary_file(std::string_view contents);
  /// The StringLookup that it ends with.
  StringLookup lookup() const;
  /// What a text is looked up as.
  std::vector<std::string> tokens_of(const std::string& text) const;

  /// int64 [texts, output_sequence_length or the length of the longest] ([texts] where nothing is split), or float32 [texts, vocabulary's size or max_tokens].
  Tensor operator()(const std::vector<std::string>& texts) const;
};

/// Throws UnsupportedError for the classes of layers that take texts, which no model of cornu holds, saying what to do.
void refuse_text_layer(std::string_view class_name);

namespace layers {
using cornu::TextVectorization;
}

}  // namespace cornu
