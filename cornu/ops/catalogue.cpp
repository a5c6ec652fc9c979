#include "cornu/ops/catalogue.h"

namespace cornu {

Config to_config(const Shape& shape) { return to_config(shape.sizes()); }
void from_config(const Config& c, Shape& shape) {
  std::vector<int64_t> sizes;
  from_config(c, sizes);
  shape = Shape(std::move(sizes));
}
Config to_config(DType dtype) { return name_of(dtype); }
void from_config(const Config& c, DType& dtype) { dtype = dtype_named(c.as_string()); }

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
