// Every layer on inputs of other ranks, sizes, types and numbers than it was made for: it computes, or says what is wrong and where.
// CORNU_LONG_TESTS=1 takes every case of tests/golden/layers/, not one of each class.
#include <set>

#include "each_case.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

using Inputs = std::vector<TensorType>;

/// Traces the layer with its gradients, and runs it on zeros and ones.
void compute(const Layer& layer, const Inputs& inputs, bool training, const Config& options) {
  Graph g;
  Scope scope(g, {.training = training});
  std::vector<Value> x, of, with, seeds;
  for (const TensorType& type : inputs) x.push_back(g.input(text("x", x.size()), type));
  for (const Value y : layer(x, scope, {.options = options})) {
    g.output(y);
    if (is_float(y.dtype())) of.push_back(y), seeds.push_back(broadcast_to(scalar(y, 1), y.shape()));
  }
  for (const Value v : x)
    if (is_float(v.dtype())) with.push_back(v);
  for (size_t i = 0; i < scope.variables().size(); ++i)
    if (scope.variables()[i].trainable) with.push_back(scope.values()[i]);
  if (!of.empty())
    for (const Value slope : gradients(of, with, seeds)) g.output(slope);
  scope.finish();
  Execution run(compile(g));
  Tensors fed, states;
  for (size_t i = 0; i < inputs.size(); ++i) {
    fed.push_back(Tensor(DType::float32, inputs[i].shape));
    for (float& v : fed.back().mutable_values<float>()) v = 1;
    fed.back() = fed.back().cast(inputs[i].dtype);
    run.bind_input(static_cast<int>(i), fed.back().data());
  }
  for (const ProgramValue& s : run.program().states) states.emplace_back(s.type.dtype, s.type.shape);
  for (size_t i = 0; i < states.size(); ++i) run.bind_state(static_cast<int>(i), states[i].mutable_data());
  run.run();
}

/// The inputs with one of them of another type.
template <class F> void with_other(const Inputs& own, size_t i, TensorType type, F f) {
  Inputs all = own;
  all[i] = std::move(type);
  f(all);
}
template <class F> void other_ranks(const Inputs& own, F f) {
  for (size_t i = 0; i < own.size(); ++i)
    for (const std::vector<int64_t>& sizes : std::vector<std::vector<int64_t>>{{}, {2}, {3}, {2, 3}, {2, 3, 4}, {2, 3, 4, 2}, {2, 3, 2, 3, 2}, {1, 2, 1, 2, 1, 2}, {0, 0}})
      with_other(own, i, {own[i].dtype, Shape(sizes)}, f);
}
template <class F> void other_numbers_and_dtypes(const Inputs& own, F f) {
  f({});
  Inputs more = own;
  more.push_back(own.back());
  f(more);
  if (own.size() > 1) f({own.begin(), own.end() - 1});
  for (size_t i = 0; i < own.size(); ++i)
    for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8, DType::boolean})
      if (dtype != own[i].dtype) with_other(own, i, {dtype, own[i].shape}, f);
}
template <class F> void other_sizes(const Inputs& own, F f) {
  for (size_t i = 0; i < own.size(); ++i)
    for (int axis = 0; axis < own[i].shape.rank(); ++axis)
      for (const int64_t size : {int64_t{0}, int64_t{1}, own[i].shape[axis] + 1}) {
        Shape shape = own[i].shape;
        shape[axis] = size;
        with_other(own, i, {own[i].dtype, shape}, f);
      }
}

struct Tried {
  int all = 0, refused = 0;
};

/// Every layer on what `change` makes of its own inputs.
template <class Change> Tried try_every_layer(Change change) {
  const bool all = std::getenv("CORNU_LONG_TESTS") || std::getenv("CORNU_FAMILY");
  std::set<std::string> classes;
  Tried tried;
  for_each_case([&](const Config& config) {
    if (!all && !classes.insert(config["serialized"]["class_name"].as_string()).second) return;
    const Case c = read_case(config);
    const std::string name = "here_it_is";
    Layer layer = c.layer;
    layer.set_name(name);
    Inputs own;
    for (const Tensor& t : c.inputs) own.push_back({t.dtype(), t.shape()});
    change(own, [&](const Inputs& inputs) {
      CAPTURE(text(inputs));
      ++tried.all;
      try {
        compute(layer, inputs, c.training, c.call_options);
      } catch (const InternalError& e) {
        FAIL_CHECK(std::string("an error of cornu's own: "), std::string(e.what()));
      } catch (const ArgumentError& e) {
        ++tried.refused;
        const std::string said = e.what();
        CHECK_MESSAGE(said.find(name) != said.npos, said);
      } catch (const std::exception& e) {
        FAIL_CHECK(std::string("another kind of exception: "), std::string(e.what()));
      }
    });
  });
  return tried;
}

}  // namespace

TEST_CASE("a layer on inputs of other ranks than it is for computes, or says in an error with its name what it was given") {
  const Tried tried = try_every_layer([](const Inputs& own, auto f) { other_ranks(own, f); });
  if (std::getenv("CORNU_FAMILY")) return;
  CHECK(tried.all > 1000);
  CHECK(tried.refused > 600);
}

TEST_CASE("a layer on more or fewer inputs than it is for, or on other dtypes, computes, or says in an error with its name what it was given") {
  const Tried tried = try_every_layer([](const Inputs& own, auto f) { other_numbers_and_dtypes(own, f); });
  if (std::getenv("CORNU_FAMILY")) return;
  CHECK(tried.all > 850);
  CHECK(tried.refused > 200);
}

TEST_CASE("a layer on other sizes than it is for computes, or says in an error with its name what it was given") {
  const Tried tried = try_every_layer([](const Inputs& own, auto f) { other_sizes(own, f); });
  if (std::getenv("CORNU_FAMILY")) return;
  CHECK(tried.all > 950);
  CHECK(tried.refused > 250);
}
