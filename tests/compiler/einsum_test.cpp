// einsum against sums written out, and the ops that it is made of.
#include <doctest/doctest.h>

#include <map>

#include "tests/harness.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

Tensor numbers(Shape shape, int salt) {
  std::vector<double> v(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>((static_cast<int>(i) * 31 + salt * 17) % 23 - 11) / 8;
  return Tensor(std::move(shape), v);
}

/// The definition: for every assignment of numbers to letters, the product of the operands' elements is added to the output's.
/// Equations without "...".
Tensor by_definition(const std::vector<std::string>& in, const std::string& out, const Tensors& x) {
  std::map<char, int64_t> size, at;
  for (size_t k = 0; k < x.size(); ++k)
    for (size_t a = 0; a < in[k].size(); ++a) size[in[k][a]] = x[k].shape()[static_cast<int>(a)];
  Shape shape;
  for (const char c : out) shape.push_back(size[c]);
  Tensor y(DType::float64, shape);
  const auto offset = [&](const std::string& term, const Shape& of) {
    int64_t i = 0;
    for (size_t a = 0; a < term.size(); ++a) i = i * of[static_cast<int>(a)] + at[term[a]];
    return i;
  };
  const auto visit = [&](auto self, std::map<char, int64_t>::const_iterator letter) -> void {
    if (letter == size.end()) {
      double p = 1;
      for (size_t k = 0; k < x.size(); ++k) p *= x[k].at(offset(in[k], x[k].shape()));
      y.mutable_values<double>()[static_cast<size_t>(offset(out, shape))] += p;
      return;
    }
    for (int64_t i = 0; i < letter->second; ++i) {
      at[letter->first] = i;
      self(self, std::next(letter));
    }
  };
  visit(visit, size.begin());
  return y;
}

struct Equation {
  std::vector<std::string> in;
  std::string out;
};

std::string text_of(const Equation& e) {
  std::string t = e.in[0];
  for (size_t i = 1; i < e.in.size(); ++i) t += "," + e.in[i];
  return t + "->" + e.out;
}

int count(const Graph& g, std::string_view op) {
  int n = 0;
  for (const Node& node : g.nodes) n += node.op && node.op->name() == op;
  return n;
}

}  // namespace

TEST_CASE("einsum is the sum that its equation writes") {
  const std::map<char, int64_t> size = {{'a', 2}, {'b', 3}, {'c', 4}, {'d', 5}, {'e', 2}, {'i', 3}, {'j', 4}, {'k', 2}};
  const std::vector<Equation> equations = {
      {{"ij", "jk"}, "ik"}, {{"ij", "jk"}, "ki"}, {{"ji", "jk"}, "ik"}, {{"ji", "kj"}, "ik"}, {{"ij", "ij"}, "ij"}, {{"ij", "ij"}, "i"}, {{"ij", "ij"}, ""},
      {{"i", "j"}, "ij"}, {{"i", "j"}, "ji"}, {{"i", "i"}, ""}, {{"ij", "j"}, "i"}, {{"i", "ij"}, "j"}, {{"ij"}, "ji"}, {{"ij"}, ""}, {{"abc"}, "ca"}, {{"ii"}, "i"}, {{"ii"}, ""},
      {{"aib", "i"}, "ab"}, {{"abib"}, "bi"}, {{"iib"}, "bi"}, {{"aij", "ajk"}, "aik"}, {{"aij", "ajk"}, "iak"}, {{"iaj", "jak"}, "aik"},
      {{"abc", "cde"}, "abde"}, {{"abde", "dec"}, "abc"}, {{"abde", "edc"}, "abc"}, {{"aecd", "abcd"}, "acbe"}, {{"acbe", "aecd"}, "abcd"},
      {{"abc", "bcd"}, "abd"}, {{"ij", "k"}, "i"}, {{"ij", "jk", "kb"}, "ib"}, {{"i", "j", "k"}, "kij"}, {{"ij", "i", "j"}, ""}, {{"abc", "ab", "c"}, "a"},
  };
  std::mt19937 rng(1);
  for (const Equation& e : equations) {
    CAPTURE(text_of(e));
    Tensors x;
    for (const std::string& term : e.in) {
      Shape shape;
      for (const char c : term) shape.push_back(size.at(c));
      x.push_back(numbers(shape, static_cast<int>(x.size()) + 1));
    }
    const Function f = [&](const std::vector<Value>& in) { return std::vector<Value>{einsum(text_of(e), in)}; };
    const Tensor y = run(x, f)[0], wanted = by_definition(e.in, e.out, x);
    REQUIRE(y.shape() == wanted.shape());
    CHECK(largest_difference(y, wanted) < 1e-13);
    CHECK(gradient_error(x, f, rng) < 1e-7);
  }
}

TEST_CASE("axes under dots broadcast") {
  const Tensor a = numbers({2, 1, 3, 4}, 1), b = numbers({5, 4, 2}, 2), plain = numbers({4, 2}, 3);
  const auto same = [](const Tensors& x, const std::string& one, const Function& other) {
    CAPTURE(one);
    const Tensors y = run(x, [&](const std::vector<Value>& in) { return std::vector<Value>{einsum(one, in), other(in)[0]}; });
    CHECK(y[0].shape() == y[1].shape());
    CHECK(largest_difference(y[0], y[1]) < 1e-13);
  };
  const Function product = [](const std::vector<Value>& in) { return std::vector<Value>{matmul(in[0], in[1])}; };
  same({a, b}, "...ij,...jk->...ik", product);
  same({a, plain}, "...j,jk->...k", product);
  same({a, plain}, "... j, jk", product);
  same({a, b}, "...ij,...jk->i...k", [](const std::vector<Value>& in) { return std::vector<Value>{transpose(matmul(in[0], in[1]), {2, 0, 1, 3})}; });
  same({a}, "i...->...i", [](const std::vector<Value>& in) { return std::vector<Value>{transpose(in[0], {1, 2, 3, 0})}; });
  same({a, numbers({1, 7, 3, 4}, 4)}, "...i,...i->...", [](const std::vector<Value>& in) { return std::vector<Value>{sum(in[0] * in[1], {-1})}; });
}

TEST_CASE("without an arrow the output has the letters that occur once") {
  const Tensors y = run({numbers({2, 3}, 1), numbers({3, 4}, 2)}, [](const std::vector<Value>& in) {
    return std::vector<Value>{einsum("zj,jb", in), transpose(matmul(in[0], in[1])), einsum("ba", {in[0]}), transpose(in[0])};
  });
  CHECK(largest_difference(y[0], y[1]) == 0);
  CHECK(largest_difference(y[2], y[3]) == 0);
}

TEST_CASE("a projection of heads is one product and no copy") {
  Graph g;
  const Value x = g.input("x", {DType::float32, {2, 7, 12}}), kernel = g.input("k", {DType::float32, {12, 3, 4}}), back = g.input("b", {DType::float32, {3, 4, 12}});
  const Value heads = einsum("abc,cde->abde", {x, kernel});
  CHECK(heads.shape() == Shape{2, 7, 3, 4});
  CHECK(einsum("abcd,cde->abe", {heads, back}).shape() == Shape{2, 7, 12});
  CHECK(count(g, "matmul") == 2);
  CHECK(count(g, "transpose") == 0);
  einsum("aecd,abcd->acbe", {heads, heads});
  CHECK(count(g, "matmul") == 3);
  CHECK(count(g, "transpose") <= 2);
}

TEST_CASE("einsum says what does not fit") {
  Graph g;
  const Value x = g.input("x", {DType::float32, {2, 3}});
  CHECK(has(error_of([&] { einsum("ij,jk->ik", {x}); }), "'ij,jk->ik' has 2 operands, and 1 were given"));
  CHECK(has(error_of([&] { einsum("ijk->i", {x}); }), "'ijk' in 'ijk->i' does not name the axes of [2, 3]"));
  CHECK(has(error_of([&] { einsum("...ijk->i", {x}); }), "does not name the axes"));
  CHECK(has(error_of([&] { einsum("ij,jk->ik", {x, x}); }), "j has size 3 in one operand and 2 in another"));
  CHECK(has(error_of([&] { einsum("ij->ik", {x}); }), "names 'k', which no operand has"));
  CHECK(has(error_of([&] { einsum("ij->ii", {x}); }), "names an axis twice"));
  CHECK(has(error_of([&] { einsum("i...->i", {x}); }), "needs ... for the axes"));
  CHECK(has(error_of([&] { einsum("i1->i", {x}); }), "is no equation"));
  CHECK(has(error_of([&] { einsum("i.j->i", {x}); }), "is no equation"));
}
