#include "cornu/layers/lookup.h"

#include <charconv>
#include <numeric>
#include <unordered_map>

#include "cornu/layers/lookup_table.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

Config StringLookup::get_config() const { return fields_to_config(*this); }

CORNU_DEFINE_LAYER(IntegerLookup)

namespace {

template <class Token> void read(const Config& config, Vocabulary<Token>& vocabulary) {
  require<UnsafeError>(!config.is_string(), "a vocabulary in the file '", config.is_string() ? printable(config.as_string()) : "", "': a model's file opens no other; give the list of tokens");
  vocabulary = {};
  vocabulary.learned = config.is_dict();
  if (!config.is_null()) from_config(config.is_dict() ? config["learned"] : config, vocabulary.tokens.emplace());
}

}  // namespace

Config to_config(const Vocabulary<int64_t>& v) { return v.tokens ? to_config(*v.tokens) : Config(); }
Config to_config(const Vocabulary<std::string>& v) { return v.tokens ? to_config(*v.tokens) : Config(); }
void from_config(const Config& config, Vocabulary<int64_t>& vocabulary) { read(config, vocabulary); }
void from_config(const Config& config, Vocabulary<std::string>& vocabulary) { read(config, vocabulary); }

// ---- integers

LookupTable<int64_t> IntegerLookup::table() const { return lookup_table(*this); }
std::vector<int64_t> IntegerLookup::get_vocabulary() const { return whole_vocabulary(*this); }
std::optional<int64_t> IntegerLookup::size_in_config() const { return vocabulary_size(*this); }

void IntegerLookup::adapt(const Tensor& data) {
  require<ShapeError>(data.shape().rank() > 0, "IntegerLookup::adapt takes samples, and was given ", data.shape());
  const Tensor numbers = data.cast(DType::int64);
  const auto all = numbers.values<int64_t>();
  const auto rows = static_cast<size_t>(data.shape()[0]), width = rows ? all.size() / rows : 0;
  std::vector<std::vector<int64_t>> documents;
  for (size_t i = 0; i < rows; ++i) documents.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(i * width), all.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  learn(*this, documents);
}

std::string IntegerLookup::vocabulary_file() const {
  std::string file;
  for (const int64_t token : get_vocabulary()) file += (file.empty() ? "" : "\n") + std::to_string(token);
  return file;
}

void IntegerLookup::read_vocabulary_file(std::string_view contents) {
  std::vector<int64_t> tokens;
  for (const std::string& line : vocabulary_lines(contents)) {
    int64_t token = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), token);
    require<FormatError>(error == std::errc() && end == line.data() + line.size(), "IntegerLookup: a line of the vocabulary file is no integer: '", printable(line), "'");
    tokens.push_back(token);
  }
  vocabulary = Vocabulary<int64_t>(std::move(tokens));
}

Value IntegerLookup::operator()(Value x, Scope& scope) const {
  require(oov_method == "floormod" || oov_method == "farmhash", scope.path(), ": IntegerLookup's oov_method is floormod or farmhash, and was given as '", printable(oov_method), "'");
  require(salt.numbers.empty() || oov_method == "farmhash", scope.path(), ": IntegerLookup's salt is for oov_method farmhash");
  const LookupTable<int64_t> t = table();
  Graph& graph = scope.graph();
  const auto constant = [&](const std::vector<int64_t>& numbers) { return graph.constant(Tensor(Shape{static_cast<int64_t>(numbers.size())}, numbers)); };
  const auto one = [&](int64_t number) { return broadcast_to(graph.constant(Tensor::scalar(number)), x.shape()); };
  if (x.dtype() != DType::int64) x = cast(x, DType::int64);

  if (invert) {
    require(oov_token.has_value(), scope.path(), ": IntegerLookup with invert needs an oov_token, for indices that are no token's");
    std::vector<int64_t> all = get_vocabulary();
    const int64_t beyond = t.size;
    all.push_back(*oov_token);
    const Value inside = logical_and(greater_equal(x, one(0)), less(x, one(beyond)));
    return gather(constant(all), select(inside, x, one(beyond)));
  }

  std::vector<int64_t> places(t.tokens.size());
  std::iota(places.begin(), places.end(), 0);
  std::sort(places.begin(), places.end(), [&](int64_t a, int64_t b) { return t.tokens[static_cast<size_t>(a)] < t.tokens[static_cast<size_t>(b)]; });
  std::vector<int64_t> sorted;
  for (const int64_t place : places) sorted.push_back(t.tokens[static_cast<size_t>(place)]);
  const int64_t last = static_cast<int64_t>(sorted.size()) - 1;
  const Value at = minimum(search_sorted(x, Tensor(Shape{last + 1}, sorted), false), one(last));
  const Value known = equal(gather(constant(sorted), at), x);
  Value other = num_oov_indices == 0 ? one(-1) : one(t.oov_start);
  if (num_oov_indices > 1)
    other = other + (oov_method == "farmhash" ? hash_bins(x, num_oov_indices, salt) : mod(x, one(num_oov_indices)));
  Value indices = select(known, gather(constant(places), at) + static_cast<double>(t.token_start), other);
  if (mask_token) indices = select(equal(x, one(*mask_token)), one(output_mode == Encoding::integer ? 0 : -1), indices);
  if (output_mode == Encoding::integer) return indices;
  const bool weighted = output_mode == Encoding::tf_idf;
  const Value encoded = encode_categories(indices, weighted ? Encoding::count : output_mode, t.depth, scope.dtype());
  return weighted ? encoded * graph.constant(Tensor(Shape{t.depth}, t.idf).cast(scope.dtype())) : encoded;
}

// ---- words

StringLookup StringLookup::from_config(const Config& config) {
  StringLookup lookup;
  object_from_config(config, lookup, {std::begin(layer_keys), std::end(layer_keys)});
  return lookup;
}

LookupTable<std::string> StringLookup::table() const { return lookup_table(*this); }
std::vector<std::string> StringLookup::get_vocabulary() const { return whole_vocabulary(*this); }
std::optional<int64_t> StringLookup::size_in_config() const { return vocabulary_size(*this); }

void StringLookup::adapt(const std::vector<std::vector<std::string>>& documents) { learn(*this, documents); }
void StringLookup::adapt(const std::vector<std::string>& words) {
  std::vector<std::vector<std::string>> documents;
  for (const std::string& word : words) documents.push_back({word});
  adapt(documents);
}

std::string StringLookup::vocabulary_file() const {
  std::string file;
  const std::vector<std::string> all = get_vocabulary();
  for (size_t i = 0; i < all.size(); ++i) file += (i ? "\n" : "") + all[i];
  return file;
}
void StringLookup::read_vocabulary_file(std::string_view contents) { vocabulary = Vocabulary<std::string>(vocabulary_lines(contents)); }

Tensor StringLookup::operator()(const std::vector<std::vector<std::string>>& samples) const {
  require(!invert, "StringLookup with invert turns indices into words, and was given words");
  const LookupTable<std::string> t = table();
  std::unordered_map<std::string_view, int64_t> index;
  for (size_t i = 0; i < t.tokens.size(); ++i) index.emplace(t.tokens[i], t.token_start + static_cast<int64_t>(i));
  const auto index_of = [&](const std::string& word) {
    if (mask_token && word == *mask_token) return int64_t{output_mode == Encoding::integer ? 0 : -1};
    if (const auto found = index.find(word); found != index.end()) return found->second;
    require(num_oov_indices > 0, "StringLookup: '", printable(word), "' is not in the vocabulary; with num_oov_indices = 1 such words share an index");
    return t.oov_start + (num_oov_indices > 1 ? hash_bin(word, num_oov_indices, salt) : 0);
  };
  const bool listed = output_mode == Encoding::integer || output_mode == Encoding::one_hot;
  const size_t width = samples.empty() ? 0 : samples[0].size();
  std::vector<int64_t> indices;
  std::vector<float> vectors;
  for (const auto& sample : samples) {
    if (listed) {
      require<ShapeError>(sample.size() == width, "StringLookup: samples of ", width, " and of ", sample.size(), " words make no tensor in output mode ", to_config(output_mode),
                          "; make them of one length (pad with the mask token), or use TextVectorization");
      for (const std::string& word : sample) indices.push_back(index_of(word));
      continue;
    }
    std::vector<int64_t> of;
    for (const std::string& word : sample) of.push_back(index_of(word));
    const Tensor one = encode_categories(Tensor(Shape{static_cast<int64_t>(of.size())}, of), output_mode, t.depth);
    const auto numbers = one.values<float>();
    for (size_t i = 0; i < numbers.size(); ++i) vectors.push_back(output_mode == Encoding::tf_idf ? numbers[i] * static_cast<float>(t.idf[i]) : numbers[i]);
  }
  const auto rows = static_cast<int64_t>(samples.size());
  if (!listed) return Tensor(Shape{rows, t.depth}, vectors);
  return encode_categories(Tensor(Shape{rows, static_cast<int64_t>(width)}, indices), output_mode, t.depth);
}

Tensor StringLookup::operator()(const std::vector<std::string>& words) const {
  const Tensor sample = (*this)(std::vector<std::vector<std::string>>{words});
  if (output_mode == Encoding::one_hot && words.size() == 1) return sample;  // its axis of one word is gone already
  return sample.reshaped(sample.shape().drop_front());
}

std::vector<std::string> StringLookup::operator()(const Tensor& indices) const {
  require(invert, "StringLookup turns words into indices; for the way back make one with invert = true and this one's vocabulary");
  const std::vector<std::string> all = get_vocabulary();
  const Tensor numbers = indices.cast(DType::int64);
  std::vector<std::string> words;
  for (const int64_t index : numbers.values<int64_t>()) {
    const bool known = index >= 0 && index < static_cast<int64_t>(all.size());
    words.push_back(known ? all[static_cast<size_t>(index)] : oov_token.value_or(""));
  }
  return words;
}

}  // namespace cornu
