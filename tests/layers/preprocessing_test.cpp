// Layers that prepare numbers: what adapt() learns, what they say to what does not fit.
#include <doctest/doctest.h>

#include "run_layer.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor applied(const Layer& layer, const Tensor& x) {
  LayerRun r;
  return r(layer, {x}, false).out[0];
}
std::string complaint(const Layer& layer, const Tensor& x) {
  return error_of([&] { applied(layer, x); });
}
Tensor integers(Shape shape, const std::vector<int64_t>& numbers) { return Tensor(std::move(shape), numbers); }

/// The largest difference of two elements.
double furthest(const Tensor& a, const Tensor& b) {
  double most = a.shape() == b.shape() ? 0 : 1e30;
  for (int64_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a.at(i) - b.at(i)));
  return most;
}

}  // namespace

TEST_CASE("a Normalization that was adapted gives columns of mean 0 and deviation 1, and takes its weights from what it saw") {
  const Tensor data = {{1, 100}, {2, 300}, {3, 500}, {6, 700}};
  Normalization layer;
  layer.adapt(data);
  LayerRun r;
  r(Layer(layer, {.name = "n"}), {data}, false);
  CHECK(r.paths == std::vector<std::string>{"n/mean", "n/variance", "n/count"});
  CHECK(r.states["n/mean"].at(0) == 3);
  CHECK(r.states["n/mean"].at(1) == 400);
  CHECK(r.states["n/variance"].at(0) == 3.5);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < 8; i += 2) sum += r.out[0].at(i), squares += r.out[0].at(i) * r.out[0].at(i);
  CHECK(sum == doctest::Approx(0));
  CHECK(squares / 4 == doctest::Approx(1));
  layer.invert = true;
  CHECK(furthest(applied(layer, r.out[0]), data) < 1e-4);  // of numbers up to 700
}

TEST_CASE("a Normalization says what does not fit") {
  Normalization given{.mean = 1.0, .variance = 2.0};
  CHECK(has(error_of([&] { given.adapt({1, 2}); }), {"given a mean and a variance"}));
  CHECK(has(complaint(Normalization{.mean = 1.0}, {{1, 2}}), {"takes a mean and a variance together", "only the mean"}));
  CHECK(has(complaint(Normalization{.axis = 3}, {{1, 2}}), {"keeps axis 3", "[1, 2]"}));
  CHECK(has(complaint(Normalization{.mean = NumberArray{1, 2, 3}, .variance = NumberArray{1, 1, 1}}, {{1, 2}}), {"mean has the shape [3]", "does not fit [1, 2]"}));
  Normalization adapted;
  adapted.adapt({{1, 2, 3}});
  CHECK(has(complaint(adapted, {{1, 2}}), {"adapted to data with [3] means", "with [2]"}));
}

TEST_CASE("Discretization without boundaries, or with descending ones, is refused") {
  CHECK(has(complaint(Discretization{.num_bins = 3}, {1, 2}), {"has no boundaries", "call adapt(data)"}));
  CHECK(has(complaint(Discretization{.bin_boundaries = NumberArray{1, 0}}, {1, 2}), {"ascending numbers"}));
  CHECK(has(error_of([] { Discretization{.bin_boundaries = NumberArray{1}}.adapt({1}); }), {"needs num_bins", "given bin_boundaries instead"}));
  CHECK(has(error_of([] { layer_from_config("Discretization", Config(Config::Dict{{"num_bins", 3}, {"sparse", true}})); }), {"sparse", "can only be false"}));
  CHECK(has(error_of([] { layer_from_config("Discretization", Config(Config::Dict{{"num_bins", 3}, {"output_mode", "multihot"}})); }), {"unknown output mode 'multihot'", "did you mean 'multi_hot'"}));
}

TEST_CASE("a search counts what is below, for any number of boundaries, integers and NaN included") {
  for (const int64_t n : {1, 2, 3, 4, 7, 8, 9, 100}) {
    std::vector<int64_t> sorted, x;
    for (int64_t i = 0; i < n; ++i) sorted.push_back(3 * i);
    for (int64_t i = -2; i < 3 * n + 2; ++i) x.push_back(i);
    const Tensor numbers = integers({static_cast<int64_t>(x.size())}, x);
    const Tensors found = cornu::testing::run({numbers}, [&](const std::vector<Value>& in) { return std::vector<Value>{search_sorted(in[0], integers({n}, sorted), false), search_sorted(in[0], integers({n}, sorted), true)}; });
    for (size_t i = 0; i < x.size(); ++i) {
      CHECK(found[0].at(static_cast<int64_t>(i)) == std::lower_bound(sorted.begin(), sorted.end(), x[i]) - sorted.begin());
      CHECK(found[1].at(static_cast<int64_t>(i)) == std::upper_bound(sorted.begin(), sorted.end(), x[i]) - sorted.begin());
    }
  }
  const Tensor bins = applied(Discretization{.bin_boundaries = NumberArray{0, 1}}, {NAN, INFINITY, -INFINITY});
  CHECK(bins.at(0) == 2);
  CHECK(bins.at(1) == 2);
  CHECK(bins.at(2) == 0);
}

TEST_CASE("CategoryEncoding says what it lacks, and what count_weights are for") {
  CHECK(has(complaint(CategoryEncoding{}, integers({2}, {1, 0})), {"positive num_tokens", "IntegerLookup"}));
  CHECK(has(complaint(CategoryEncoding{.num_tokens = 3, .output_mode = Encoding::integer}, integers({2}, {1, 0})), {"no output mode", "int"}));
  LayerRun weighted{.call = {{"count_weights", {Tensor{1, 2}}}}};
  CHECK(has(error_of([&] { weighted(CategoryEncoding{.num_tokens = 3}, {integers({2}, {1, 0})}, false); }), {"count_weights", "multi_hot"}));
}

TEST_CASE("Hashing takes a mask of the kind of its input") {
  CHECK(has(complaint(Hashing{.num_bins = 0}, integers({1}, {1})), {"positive num_bins"}));
  CHECK(has(complaint(Hashing{.num_bins = 3, .mask_value = "a"}, integers({1}, {1})), {"is the text 'a'"}));
  CHECK(has(error_of([] { Hashing{.num_bins = 3, .mask_value = 1}(std::vector<std::string>{"a"}); }), {"is the number 1", "as a text"}));
  CHECK(has(error_of([] { layer_from_config("Hashing", Config(Config::Dict{{"num_bins", 3}, {"salt", Config::List{1, 2, 3}}})); }), {"salt is a number or two numbers"}));
}

TEST_CASE("an IntegerLookup that was adapted counts its tokens, and keeps its vocabulary in its config") {
  IntegerLookup lookup;
  lookup.adapt(integers({6}, {7, 3, 7, 9, 7, 3}));
  CHECK(lookup.get_vocabulary() == std::vector<int64_t>{-1, 7, 3, 9});
  CHECK(applied(lookup, integers({3}, {9, 7, 1})) == integers({3}, {3, 1, 0}));
  const Layer again = layer_from_config(layer_to_config(lookup));
  CHECK(applied(again, integers({3}, {9, 7, 1})) == integers({3}, {3, 1, 0}));
  lookup.adapt(integers({2}, {5, 5}));  // what was learned may be learned anew
  CHECK(lookup.get_vocabulary() == std::vector<int64_t>{-1, 5});

  IntegerLookup other;
  other.read_vocabulary_file(lookup.vocabulary_file());
  CHECK(other.get_vocabulary() == lookup.get_vocabulary());
  CHECK(has(error_of([&] { other.read_vocabulary_file("1\nx\n"); }), {"no integer", "'x'"}));
}

TEST_CASE("an IntegerLookup says what is wrong with its options and its vocabulary") {
  const Tensor x = integers({1}, {1});
  CHECK(has(complaint(IntegerLookup{}, x), {"has no vocabulary", "adapt(data)"}));
  CHECK(has(complaint(IntegerLookup{.vocabulary = {1, 2, 1}}, x), {"names '1' twice"}));
  CHECK(has(complaint(IntegerLookup{.mask_token = 2, .vocabulary = {1, 2}}, x), {"holds the mask token '2'"}));
  CHECK(has(complaint(IntegerLookup{.max_tokens = 2, .vocabulary = {1, 2}}, x), {"has 3 tokens", "above max_tokens 2"}));
  CHECK(has(complaint(IntegerLookup{.vocabulary = {1}, .invert = true, .output_mode = Encoding::count}, x), {"with invert, output_mode can only be int", "count"}));
  CHECK(has(complaint(IntegerLookup{.vocabulary = {1}, .output_mode = Encoding::tf_idf}, x), {"needs idf_weights"}));
  CHECK(has(complaint(IntegerLookup{.vocabulary = {1}, .oov_method = "mod"}, x), {"floormod or farmhash", "'mod'"}));
  IntegerLookup given{.vocabulary = {1}};
  CHECK(has(error_of([&] { given.adapt(x); }), {"was given its vocabulary"}));
  CHECK(has(error_of([] { layer_from_config("IntegerLookup", Config(Config::Dict{{"vocabulary", "/etc/passwd"}})); }), {"/etc/passwd", "opens no other"}));
}
