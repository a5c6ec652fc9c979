#include "cornu/layers/text.h"

#include <algorithm>
#include <array>

#include "cornu/nn/define_layer.h"

namespace cornu {

Config TextVectorization::get_config() const { return fields_to_config(*this); }
std::vector<std::string> TextVectorization::get_vocabulary() const { return lookup().get_vocabulary(); }
std::string TextVectorization::vocabulary_file() const { return lookup().vocabulary_file(); }
namespace {

constexpr std::array<std::string_view, 3> standardizations = {"lower_and_strip_punctuation", "lower", "strip_punctuation"};
constexpr std::array<std::string_view, 2> splits = {"whitespace", "character"};

void check_name(std::string_view name, std::span<const std::string_view> known, const char* what) {
  if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end())
    throw ArgumentError(text("TextVectorization: ", what, " '", printable(name), "' is unknown", did_you_mean(name, known), "; give one of ", std::vector<std::string_view>(known.begin(), known.end()), ", nullptr or a function"));
}

template <class Step> Config step_to_config(const Step& step, const char* what) {
  require<UnsupportedError>(!step.function, "TextVectorization: ", what, " is a function, which cannot be saved; use a named one");
  return step.name.empty() ? Config() : Config(step.name);
}
template <class Step> void step_from_config(const Config& config, Step& step) {
  require<UnsupportedError>(config.is_null() || config.is_string(), "functions cannot be read from files; found ", config);
  step = Step(nullptr);
  if (config.is_string()) step.name = config.as_string();
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_punctuation(char c) { return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~'); }

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && !is_space(text[end])) ++end;
    if (end > i) words.push_back(text.substr(i, end - i));
    i = end + 1;
  }
  return words;
}

/// The bytes of the UTF-8 character that text[i] begins, or 0 if it begins none (RFC 3629, table in section 4).
size_t character_at(const std::string& text, size_t i) {
  const auto byte = [&](size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
  const unsigned first = byte(i), second = byte(i + 1);
  const auto follows = [&](size_t k) { return byte(k) >= 0x80 && byte(k) <= 0xbf; };
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(i + 1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool fits = second >= (first == 0xe0 ? 0xa0u : 0x80u) && second <= (first == 0xed ? 0x9fu : 0xbfu);
    return fits && follows(i + 2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool fits = second >= (first == 0xf0 ? 0x90u : 0x80u) && second <= (first == 0xf4 ? 0x8fu : 0xbfu);
    return fits && follows(i + 2) && follows(i + 3) ? 4 : 0;
  }
  return 0;
}

std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (size_t i = 0; i < text.size();) {
    const size_t n = character_at(text, i);
    characters.push_back(n ? text.substr(i, n) : "\xef\xbf\xbd");  // U+FFFD for what is no character
    i += std::max<size_t>(n, 1);
  }
  return characters;
}

void check(const TextVectorization& t) {
  check_name(t.standardize.name, standardizations, "standardize");
  check_name(t.split.name, splits, "split");
  require(t.output_mode == Encoding::integer || !t.output_sequence_length, "TextVectorization: output_sequence_length is for output_mode int, and the mode is ", to_config(t.output_mode));
  require(!t.output_sequence_length || *t.output_sequence_length > 0, "TextVectorization: output_sequence_length must be positive, and was given as ", t.output_sequence_length.value_or(0));
  for (const int64_t n : t.ngrams.widths) require(n > 0, "TextVectorization: ngrams must be positive, and were given as ", t.ngrams.widths);
  require(t.ngrams.up_to.value_or(1) > 0, "TextVectorization: ngrams must be positive, and were given as ", t.ngrams.up_to.value_or(1));
}

}  // namespace

Config to_config(const TextStandardize& standardize) { return step_to_config(standardize, "standardize"); }
Config to_config(const TextSplit& split) { return step_to_config(split, "split"); }
void from_config(const Config& config, TextStandardize& standardize) { step_from_config(config, standardize); }
void from_config(const Config& config, TextSplit& split) { step_from_config(config, split); }

Config to_config(const Ngrams& ngrams) { return ngrams.up_to ? Config(*ngrams.up_to) : ngrams.widths.empty() ? Config() : to_config(ngrams.widths); }
void from_config(const Config& config, Ngrams& ngrams) {
  ngrams = {};
  if (config.is_list()) from_config(config, ngrams.widths);
  else from_config(config, ngrams.up_to);
}

TextVectorization TextVectorization::from_config(const Config& config) {
  TextVectorization made;
  object_from_config(config, made, {std::begin(layer_keys), std::end(layer_keys)});
  check(made);
  return made;
}

StringLookup TextVectorization::lookup() const {
  return {.max_tokens = max_tokens, .mask_token = "", .vocabulary = vocabulary, .idf_weights = idf_weights, .output_mode = output_mode, .pad_to_max_tokens = pad_to_max_tokens};
}

int64_t TextVectorization::vocabulary_size() const {
  const int64_t special = output_mode == Encoding::integer ? 2 : 1;
  return vocabulary ? lookup().table().size : special;
}

void TextVectorization::read_vocabulary_file(std::string_view contents) {
  StringLookup reader;
  reader.read_vocabulary_file(contents);
  vocabulary = reader.vocabulary;
}

std::vector<std::string> TextVectorization::tokens_of(const std::string& given) const {
  std::string text = standardize.function ? standardize.function(given) : given;
  if (standardize.name.starts_with("lower"))
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (standardize.name.ends_with("strip_punctuation")) text.erase(std::remove_if(text.begin(), text.end(), is_punctuation), text.end());

  std::vector<std::string> single = split.function ? split.function(text) : split.name == "whitespace" ? words_of(text) : split.name == "character" ? characters_of(text) : std::vector<std::string>{text};
  std::vector<int64_t> widths = ngrams.widths;
  for (int64_t n = 1; n <= ngrams.up_to.value_or(0); ++n) widths.push_back(n);
  if (widths.empty()) return single;
  std::vector<std::string> grouped;
  for (const int64_t width : widths)
    for (size_t i = 0; i + static_cast<size_t>(width) <= single.size(); ++i) {
      std::string gram = single[i];
      for (size_t k = 1; k < static_cast<size_t>(width); ++k) gram += " " + single[i + k];
      grouped.push_back(std::move(gram));
    }
  return grouped;
}

void TextVectorization::adapt(const std::vector<std::string>& texts) {
  check(*this);
  StringLookup learner = lookup();
  std::vector<std::vector<std::string>> documents;
  for (const std::string& text : texts) documents.push_back(tokens_of(text));
  learner.adapt(documents);
  vocabulary = learner.vocabulary;
  idf_weights = learner.idf_weights;
}

Tensor TextVectorization::operator()(const std::vector<std::string>& texts) const {
  check(*this);
  std::vector<std::vector<std::string>> samples;
  size_t length = 0;
  for (const std::string& text : texts) length = std::max(length, samples.emplace_back(tokens_of(text)).size());
  if (output_mode == Encoding::integer) {
    if (output_sequence_length) length = static_cast<size_t>(*output_sequence_length);
    for (auto& sample : samples) sample.resize(length);  // with "", the mask token
  }
  const Tensor indices = lookup()(samples);
  const bool single = split.name.empty() && !split.function && ngrams.widths.empty() && !ngrams.up_to && !output_sequence_length;
  return output_mode == Encoding::integer && single ? indices.reshaped(Shape{static_cast<int64_t>(texts.size())}) : indices;
}

void refuse_text_layer(std::string_view class_name) {
  for (const std::string_view known : {"TextVectorization", "StringLookup"})
    require<UnsupportedError>(class_name != known, "a layer of class ", known, " takes texts, and cornu's models take numbers; in Keras, save the model from its first "
                              "layer of numbers on, and call cornu::", known, "::from_config(config) on the texts before it");
}

}  // namespace cornu
