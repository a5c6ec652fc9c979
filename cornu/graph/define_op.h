// From a struct and its Rules to an OpRules. Included by the files that define ops, and by nobody else.
//
//   struct MatMul::Rules : MatMul {
//     static constexpr std::string_view name = "matmul", doc = "...";
//     static constexpr Properties has = {.absorbs_epilogue = true};     // optional
//     std::vector<TensorType> infer(Types in) const;
//     std::vector<Value> gradient(const Derivation& d) const;           // or: differentiable = false in `has`
//     std::vector<Kernel> kernels(const KernelRequest& r) const;        // or: view = true in `has`
//     static std::vector<Example> examples();
//   };
//   CORNU_DEFINE_OP(MatMul)
#pragma once
#include "cornu/base/fields.h"
#include "cornu/graph/graph.h"
#include "cornu/graph/op.h"

namespace cornu {

template <class T> const OpRules& define_op() {
  using Rules = typename T::Rules;
  static_assert(std::is_base_of_v<T, Rules> && sizeof(Rules) == sizeof(T), "Rules adds no state of its own");
  static const auto self = [](const void* op) -> const Rules& { return *static_cast<const Rules*>(static_cast<const T*>(op)); };
  static const OpRules all = {
      .name = Rules::name,
      .doc = Rules::doc,
      .properties = [](const void* op) -> Properties {
        if constexpr (requires { self(op).properties(); }) return self(op).properties();
        else if constexpr (requires { Rules::has; }) return Rules::has;
        else return {};
      },
      .infer = [](const void* op, Types in) { return self(op).infer(in); },
      .gradient = [](const void* op, const Derivation& d) -> std::vector<Value> {
        if constexpr (requires { self(op).gradient(d); }) return self(op).gradient(d);
        else throw UnsupportedError(text(Rules::name, " has no gradient"));
      },
      .kernels = [](const void* op, const KernelRequest& r) -> std::vector<Kernel> {
        if constexpr (requires { self(op).kernels(r); }) return self(op).kernels(r);
        else throw InternalError(text(Rules::name, " has no kernel of its own"));
      },
      .equal = [](const void* a, const void* b) { return *static_cast<const T*>(a) == *static_cast<const T*>(b); },
      .attributes = [](const void* op) -> Config { return fields_to_config(*static_cast<const T*>(op)); },
      .parse = [](const Config& attributes) -> Op {
        T op{};
        fields_from_config(attributes, op, Rules::name);
        return op;
      },
      .graphs = [](const void* op) -> std::vector<std::shared_ptr<const Graph>> {
        if constexpr (requires { self(op).graphs(); }) return self(op).graphs();
        else return {};
      },
      .examples = [] { return Rules::examples(); },
  };
  return all;
}

}  // namespace cornu

#define CORNU_DEFINE_OP(T) \
  template <> const OpRules& rules<T>() { return define_op<T>(); }
