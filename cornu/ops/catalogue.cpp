#include "cornu/ops/catalogue.h"

namespace cornu {
namespace {
template <class... Ops> std::vector<const OpRules*> all(const std::tuple<Ops...>*) { return {&rules<Ops>()...}; }
}  // namespace

std::span<const OpRules* const> catalogue() {
  static const std::vector<const OpRules*> list = all(static_cast<Catalogue*>(nullptr));
  return list;
}

const OpRules* find_op(std::string_view name) {
  for (const OpRules* op : catalogue())
    if (op->name == name) return op;
  return nullptr;
}

}  // namespace cornu
