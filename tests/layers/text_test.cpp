// StringLookup and TextVectorization: what they refuse, and what they keep.
#include <doctest/doctest.h>

#include "cornu/layers/layers.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

using Words = std::vector<std::string>;

TEST_CASE("a layer of texts in a model's file is refused by name, with what to do instead") {
  for (const char* name : {"TextVectorization", "StringLookup"}) {
    const std::string said = error_of([&] { layer_from_config(name, Config::dict()); });
    CHECK(has(said, {name, "takes texts", "::from_config(config)"}));
  }
}

TEST_CASE("a StringLookup without bins for other words refuses them by name") {
  const StringLookup lookup{.num_oov_indices = 0, .vocabulary = {"a", "b"}};
  CHECK(lookup(Words{"b", "a"}) == Tensor({2}, std::vector<int64_t>{1, 0}));
  CHECK(has(error_of([&] { lookup(Words{"b", "zebra"}); }), {"'zebra' is not in the vocabulary", "num_oov_indices = 1"}));
}

TEST_CASE("a StringLookup goes one way or the other") {
  const StringLookup there{.vocabulary = {"a", "b"}}, back{.vocabulary = there.get_vocabulary(), .invert = true};
  CHECK(back(there(Words{"b", "x", "a"})) == Words{"b", "[UNK]", "a"});
  CHECK(has(error_of([&] { there(Tensor{1, 2}); }), {"words into indices", "invert = true"}));
  CHECK(has(error_of([&] { back(Words{"a"}); }), {"indices into words"}));
}

TEST_CASE("samples of different lengths are no tensor of indices") {
  const StringLookup lookup{.vocabulary = {"a", "b"}};
  const std::vector<Words> samples = {{"a", "b"}, {"a"}};
  CHECK(has(error_of([&] { lookup(samples); }), {"samples of 2 and of 1 words", "TextVectorization"}));
  const StringLookup counts{.vocabulary = {"a", "b"}, .output_mode = Encoding::count};
  CHECK(counts(samples) == Tensor({2, 3}, std::vector<float>{0, 1, 1, 0, 1, 0}));
}

TEST_CASE("a vocabulary file comes back as it was written, the empty mask token first") {
  TextVectorization vectorize;
  vectorize.adapt({"b a b", "c b a"});
  CHECK(vectorize.vocabulary_file() == "\n[UNK]\nb\na\nc");
  TextVectorization other;
  other.read_vocabulary_file(vectorize.vocabulary_file() + "\n\n");
  CHECK(other.get_vocabulary() == Words{"", "[UNK]", "b", "a", "c"});
  CHECK(other({"c x b"}) == vectorize({"c x b"}));
}

TEST_CASE("functions of one's own standardize and split, and are in no file") {
  TextVectorization vectorize{.standardize = [](const std::string& s) { return s + s; }, .split = [](const std::string& s) { return Words{s.substr(0, 1), s.substr(1)}; }};
  vectorize.adapt({"ab"});
  CHECK(vectorize.get_vocabulary() == Words{"", "[UNK]", "bab", "a"});
  CHECK(has(error_of([&] { vectorize.get_config(); }), {"standardize is a function", "cannot be saved"}));
}

TEST_CASE("TextVectorization says what is wrong with its options") {
  const auto said = [](TextVectorization t) { return error_of([&] { t.adapt({"a"}); t({"a"}); }); };
  CHECK(has(said({.standardize = "lowercase"}), {"standardize 'lowercase' is unknown", "lower"}));
  CHECK(has(said({.split = "word"}), {"split 'word' is unknown"}));
  CHECK(has(said({.output_mode = Encoding::count, .output_sequence_length = 3}), {"output_sequence_length is for output_mode int", "count"}));
  CHECK(has(said({.ngrams = 0}), {"ngrams must be positive"}));
  CHECK(has(said({.pad_to_max_tokens = true}), {"pad_to_max_tokens needs max_tokens"}));
  CHECK(has(error_of([] { TextVectorization{}({"a"}); }), {"has no vocabulary"}));
  CHECK(has(error_of([] { TextVectorization::from_config(Config(Config::Dict{{"ragged", true}})); }), {"ragged"}));
  CHECK(has(error_of([] { TextVectorization::from_config(Config(Config::Dict{{"standardize", Config(Config::Dict{{"class_name", "function"}})}})); }), {"functions cannot be read"}));
}

TEST_CASE("bytes that are no UTF-8 become the replacement character, one for each byte") {
  const TextVectorization vectorize{.split = "character"};
  CHECK(vectorize.tokens_of("a\xc3\xa9\xff\xe2\x82z") == Words{"a", "é", "\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd", "z"});
}
