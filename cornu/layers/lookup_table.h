// What IntegerLookup and StringLookup do alike, for any layer with their fields. Included by lookup.cpp alone.
#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cornu/layers/lookup.h"

namespace cornu {

template <class L> void check_lookup(const L& layer) {
  const std::string_view who = L::class_name;
  require(!layer.max_tokens || *layer.max_tokens > 1, who, ": max_tokens must be above 1, and was given as ", layer.max_tokens.value_or(0));
  require(!layer.pad_to_max_tokens || layer.max_tokens, who, ": pad_to_max_tokens needs max_tokens");
  require(layer.num_oov_indices >= 0, who, ": num_oov_indices cannot be negative, and was given as ", layer.num_oov_indices);
  require(!layer.invert || layer.output_mode == Encoding::integer, who, ": with invert, output_mode can only be int, and was given as ", to_config(layer.output_mode));
  require(!layer.idf_weights || layer.output_mode == Encoding::tf_idf, who, ": idf_weights are for output_mode tf_idf, and the mode is ", to_config(layer.output_mode));
}

template <class L> LookupTable<typename L::Token> lookup_table(const L& layer) {
  using Token = typename L::Token;
  const std::string_view who = L::class_name;
  check_lookup(layer);
  require(layer.vocabulary.tokens && !layer.vocabulary.tokens->empty(), who, " has no vocabulary; give it one, or call adapt(data) first. One that was "
          "adapted keeps it beside the config: load_model finds it in the .keras file, and JSON alone has it only if it was given");
  LookupTable<Token> table;
  table.oov_start = layer.mask_token && layer.output_mode == Encoding::integer ? 1 : 0;
  table.token_start = table.oov_start + layer.num_oov_indices;
  const std::vector<Token>& given = *layer.vocabulary.tokens;

  std::vector<std::optional<Token>> special(static_cast<size_t>(table.oov_start), layer.mask_token);
  special.resize(static_cast<size_t>(table.token_start), layer.oov_token);
  bool found = given.size() >= special.size();
  for (size_t i = 0; found && i < special.size(); ++i) found = special[i] && *special[i] == given[i];
  table.tokens.assign(given.begin() + (found ? table.token_start : 0), given.end());

  std::set<Token> seen;
  for (const Token& token : table.tokens) require(seen.insert(token).second, who, ": the vocabulary names '", token, "' twice");
  for (const auto& [token, what] : {std::pair(layer.mask_token, "mask"), std::pair(layer.invert ? layer.oov_token : std::optional<Token>(), "out-of-vocabulary")})
    require(!token || !seen.contains(*token), who, ": the vocabulary holds the ", what, " token '", token ? *token : Token(),
            "' among its words; leave the special tokens out, or begin with all of them: mask, then out-of-vocabulary");

  table.size = table.token_start + static_cast<int64_t>(table.tokens.size());
  require(!layer.max_tokens || table.size <= *layer.max_tokens, who, ": the vocabulary has ", table.size, " tokens with the special ones, above max_tokens ", layer.max_tokens.value_or(0));
  table.depth = layer.pad_to_max_tokens ? *layer.max_tokens : table.size;

  if (layer.output_mode == Encoding::tf_idf) {
    require(layer.idf_weights.has_value(), who, ": output_mode tf_idf needs idf_weights, one for each token of the vocabulary; adapt(data) finds both");
    const std::vector<double>& weights = layer.idf_weights->numbers;
    require(layer.idf_weights->shape == Shape{static_cast<int64_t>(given.size())}, who, ": ", given.size(), " tokens have idf_weights of shape ", layer.idf_weights->shape);
    double average = 0;
    for (const double w : weights) average += w / static_cast<double>(weights.size());
    table.idf.assign(static_cast<size_t>(found ? 0 : table.token_start), average);  // of the bins nothing is known
    table.idf.insert(table.idf.end(), weights.begin(), weights.end());
    table.idf.resize(static_cast<size_t>(table.depth), 0);
  }
  return table;
}

template <class L> std::vector<typename L::Token> whole_vocabulary(const L& layer) {
  const auto table = lookup_table(layer);
  std::vector<typename L::Token> all(static_cast<size_t>(table.oov_start), layer.mask_token.value_or(typename L::Token()));
  all.resize(static_cast<size_t>(table.token_start), layer.oov_token.value_or(typename L::Token()));
  all.insert(all.end(), table.tokens.begin(), table.tokens.end());
  return all;
}

template <class L> std::optional<int64_t> vocabulary_size(const L& layer) {
  if (!layer.vocabulary) return {};
  return lookup_table(layer).size;
}

template <class L> void learn(L& layer, const std::vector<std::vector<typename L::Token>>& documents) {
  using Token = typename L::Token;
  check_lookup(layer);
  require(!layer.vocabulary || layer.vocabulary.learned, L::class_name, " was given its vocabulary, so there is nothing to adapt");
  struct Count {
    int64_t all = 0, documents = 0;
  };
  std::map<Token, Count> counts;
  for (const auto& document : documents) {
    const std::set<Token> distinct(document.begin(), document.end());
    for (const Token& token : document) ++counts[token].all;
    for (const Token& token : distinct) ++counts[token].documents;
  }
  if (layer.mask_token) counts.erase(*layer.mask_token);
  if (layer.oov_token) counts.erase(*layer.oov_token);
  require(!counts.empty(), L::class_name, "::adapt found no tokens in ", documents.size(), " samples");

  std::vector<std::pair<Token, Count>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second.all != b.second.all ? a.second.all > b.second.all : a.first > b.first; });
  const int64_t special = (layer.mask_token && layer.output_mode == Encoding::integer ? 1 : 0) + layer.num_oov_indices;
  if (layer.max_tokens) order.resize(std::min(order.size(), static_cast<size_t>(std::max<int64_t>(*layer.max_tokens - special, 0))));
  std::vector<Token> tokens;
  std::vector<double> idf;
  for (const auto& [token, count] : order) {
    tokens.push_back(token);
    idf.push_back(static_cast<float>(std::log(1 + static_cast<double>(documents.size()) / static_cast<double>(1 + count.documents))));
  }
  layer.vocabulary = Vocabulary<Token>(std::move(tokens));
  layer.vocabulary.learned = true;
  if (layer.output_mode == Encoding::tf_idf) layer.idf_weights = NumberArray(Tensor(Shape{static_cast<int64_t>(idf.size())}, idf));
}

/// The lines of a vocabulary file; empty ones at its end are none.
inline std::vector<std::string> vocabulary_lines(std::string_view contents) {
  std::vector<std::string> lines;
  while (!contents.empty()) {
    const size_t end = std::min(contents.find('\n'), contents.size());
    std::string_view line = contents.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    contents.remove_prefix(std::min(end + 1, contents.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace cornu
