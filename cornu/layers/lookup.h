// Vocabularies: integers and words to indices, and back.
#pragma once
#include "cornu/layers/hashing.h"

namespace cornu {

/// The tokens of a lookup, most frequent first; none until they are given or learned. They may begin with the mask and
/// out-of-vocabulary tokens, all of them in order, as get_vocabulary() lists them.
template <class Token> struct Vocabulary {
  std::optional<std::vector<Token>> tokens;
  bool learned = false;  // by adapt(), which may then learn another one
  Vocabulary() = default;
  Vocabulary(std::vector<Token> list) : tokens(std::move(list)) {}
  Vocabulary(std::initializer_list<Token> list) : tokens(list) {}
  explicit operator bool() const { return tokens.has_value(); }
};
/// Written as a list or null; {"learned": list} is read too: what a file holds beside the config. A path is refused with UnsafeError: a model's file opens no other.
Config to_config(const Vocabulary<int64_t>& vocabulary);
Config to_config(const Vocabulary<std::string>& vocabulary);
void from_config(const Config& config, Vocabulary<int64_t>& vocabulary);
void from_config(const Config& config, Vocabulary<std::string>& vocabulary);

/// What the options of a lookup come to. Indices: 0 for the mask token where the output is integers and there is one; then the
/// out-of-vocabulary bins; then the tokens.
template <class Token> struct LookupTable {
  std::vector<Token> tokens;   // without the special ones
  int64_t oov_start = 0, token_start = 0;
  int64_t size = 0;            // of the whole vocabulary
  int64_t depth = 0;           // of the vectors of the other output modes: max_tokens or size
  std::vector<double> idf;     // for each index, for output_mode tf_idf
};

/// Integers to indices of a vocabulary, int64, or with `invert` back. Others are put into num_oov_indices bins, by the remainder
/// or (oov_method "farmhash") by their hash; with none of these they give -1, which no vector and no row of an Embedding stands
/// for. In a model the input may be floats that are whole.
struct IntegerLookup {
  using Token = int64_t;
  std::optional<int64_t> max_tokens = {};
  int64_t num_oov_indices = 1;
  std::optional<int64_t> mask_token = {};
  std::optional<int64_t> oov_token = -1;
  Vocabulary<int64_t> vocabulary = {};
  std::optional<NumberArray> idf_weights = {};  // for each token of the vocabulary
  bool invert = false;
  Encoding output_mode = Encoding::integer;
  bool pad_to_max_tokens = false;
  std::string oov_method = "floormod";
  Salt salt = {};

  static constexpr std::string_view class_name = "IntegerLookup";
  static Config extras() { return only("sparse", false).set("vocabulary_dtype", "int64"); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("invert", self.invert), visit("max_tokens", self.max_tokens), visit("num_oov_indices", self.num_oov_indices);
    visit("oov_token", self.oov_token), visit("mask_token", self.mask_token), visit("output_mode", self.output_mode);
    visit("pad_to_max_tokens", self.pad_to_max_tokens), visit("idf_weights", self.idf_weights), visit("vocabulary", self.vocabulary);
    std::optional<int64_t> vocabulary_size;  // written for Keras; what is read follows from the rest
    if constexpr (std::is_const_v<Self>) vocabulary_size = self.size_in_config();
    visit("vocabulary_size", vocabulary_size);
    visit("oov_method", self.oov_method), visit("salt", self.salt);
  }
  /// Learns the vocabulary from integers [samples, ...]: by how often they occur, of equals the larger first, at most max_tokens
  /// with the special ones. For tf_idf a row is a document and the weights are log(1 + documents / (1 + documents with the token)).
  void adapt(const Tensor& data);
  /// With the special tokens, in the order of their indices.
  std::vector<int64_t> get_vocabulary() const;
  LookupTable<int64_t> table() const;
  std::optional<int64_t> size_in_config() const;
  /// Keras's assets/<layer>/vocabulary.txt: a token a line.
  std::string vocabulary_file() const;
  void read_vocabulary_file(std::string_view contents);
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(IntegerLookup)

/// Words to indices of a vocabulary, or with `invert` back: on the host, before a model, since tensors hold no text. Other
/// words are put into num_oov_indices bins by their hash; with none of these they are refused.
struct StringLookup {
  using Token = std::string;
  std::optional<int64_t> max_tokens = {};
  int64_t num_oov_indices = 1;
  std::optional<std::string> mask_token = {};
  std::optional<std::string> oov_token = "[UNK]";
  Vocabulary<std::string> vocabulary = {};
  std::optional<NumberArray> idf_weights = {};
  bool invert = false;
  Encoding output_mode = Encoding::integer;
  bool pad_to_max_tokens = false;
  Salt salt = {};

  static constexpr std::string_view class_name = "StringLookup";
  static Config extras() { return only("sparse", false).set("encoding", "utf-8").set("oov_method", "floormod"); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("invert", self.invert), visit("max_tokens", self.max_tokens), visit("num_oov_indices", self.num_oov_indices);
    visit("oov_token", self.oov_token), visit("mask_token", self.mask_token), visit("output_mode", self.output_mode);
    visit("pad_to_max_tokens", self.pad_to_max_tokens), visit("idf_weights", self.idf_weights), visit("vocabulary", self.vocabulary);
    std::optional<int64_t> vocabulary_size;
    if constexpr (std::is_const_v<Self>) vocabulary_size = self.size_in_config();
    visit("vocabulary_size", vocabulary_size);
    visit("salt", self.salt);
  }
  /// From Keras's config of one, as in a .keras file; and back.
  static StringLookup from_config(const Config& config);
  Config get_config() const;

  /// Each word is a document.
  void adapt(const std::vector<std::string>& words);
  /// Each list of words is a document.
  void adapt(const std::vector<std::vector<std::string>>& documents);
  std::vector<std::string> get_vocabulary() const;
  LookupTable<std::string> table() const;
  std::optional<int64_t> size_in_config() const;
  std::string vocabulary_file() const;
  void read_vocabulary_file(std::string_view contents);

  /// int64 [words]; in the other output modes float32: [words, depth] for one_hot, [depth] where all words are one sample.
  Tensor operator()(const std::vector<std::string>& words) const;
  /// Samples of words: int64 [samples, words], for which all must be of one length, or float32 [samples, depth].
  Tensor operator()(const std::vector<std::vector<std::string>>& samples) const;
  /// With `invert`: the word of each index, oov_token for what is none.
  std::vector<std::string> operator()(const Tensor& indices) const;
};

namespace layers {
using cornu::IntegerLookup;
using cornu::StringLookup;
}  // namespace layers

}  // namespace cornu
