// Keras's ops as nodes of models: one line for each in `table`.
#include "cornu/layers/operations.h"

#include <algorithm>
#include <map>

#include "cornu/nn/activations.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {
namespace {

/// What an op is called with: values where Symbols stood, and numbers.
struct Operands {
  std::vector<std::optional<Value>> values;
  std::vector<Config> others;  // beside each: what stands there instead
  const Config& options;
  Scope& scope;

  Value first() const {
    for (const auto& v : values)
      if (v) return *v;
    throw InternalError("an op without a Value");
  }
  /// Operand i as a value; numbers take the others' dtype.
  Value operator[](size_t i) const {
    require(i < values.size(), scope.path(), ": the op has ", values.size(), " operands and needs more");
    if (values[i]) return *values[i];
    require<UnsupportedError>(others[i].is_number() || others[i].is_bool(), scope.path(), ": operand ", i, " is ", others[i].kind(), "; Symbols and numbers are supported");
    return scalar(first(), others[i].is_bool() ? static_cast<double>(others[i].as_bool()) : others[i].as_double());
  }
  /// Both of one dtype, a float if one of them is.
  std::pair<Value, Value> pair() const {
    Value a = (*this)[0], b = (*this)[1];
    if (a.dtype() == b.dtype()) return {a, b};
    const bool float_a = a.dtype() == scope.dtype(), float_b = b.dtype() == scope.dtype();
    const DType common = float_a || float_b ? scope.dtype() : bytes_of(a.dtype()) >= bytes_of(b.dtype()) ? a.dtype() : b.dtype();
    return {a.dtype() == common ? a : cast(a, common), b.dtype() == common ? b : cast(b, common)};
  }
  Value real(size_t i = 0) const {
    const Value v = (*this)[i];
    return v.dtype() == scope.dtype() ? v : cast(v, scope.dtype());
  }
  bool flag(std::string_view key) const { return !options[key].is_null() && options[key].as_bool(); }
  int axis(std::string_view key = "axis", int otherwise = -1) const { return options[key].is_null() ? otherwise : static_cast<int>(options[key].as_int()); }
  std::vector<int64_t> axes() const {
    const Config& a = options["axis"];
    if (a.is_null()) return {};
    if (!a.is_list()) return {a.as_int()};
    std::vector<int64_t> all;
    for (const Config& c : a.as_list()) all.push_back(c.as_int());
    return all;
  }
};

using Op = Value (*)(const Operands&);

template <Value (*f)(Value, Value)> Value two(const Operands& o) {
  const auto [a, b] = o.pair();
  return f(a, b);
}
template <Value (*f)(Value)> Value one(const Operands& o) { return f(o[0]); }
template <Value (*f)(Value)> Value one_real(const Operands& o) { return f(o.real()); }
template <Value (*f)(Value, std::vector<int64_t>, bool)> Value reduce(const Operands& o) { return f(o[0], o.axes(), o.flag("keepdims")); }

Value truth(Value v) { return v.dtype() == DType::boolean ? v : cast(v, DType::boolean); }

Value real_quotient(const Operands& o) {
  auto [a, b] = o.pair();
  if (a.dtype() != o.scope.dtype()) a = cast(a, o.scope.dtype()), b = cast(b, o.scope.dtype());
  return divide(a, b);
}

Value any_or_all(const Operands& o, bool all) {
  const Value as_numbers = cast(truth(o[0]), DType::int32);
  return truth(all ? min(as_numbers, o.axes(), o.flag("keepdims")) : max(as_numbers, o.axes(), o.flag("keepdims")));
}

Value activated(const Operands& o, std::string_view name) { return Activation(std::string(name))(o.real()); }

Value filled(const Operands& o, double number) {
  const Value x = o[0];
  const DType dtype = o.options["dtype"].is_null() ? x.dtype() : dtype_named(o.options["dtype"].as_string());
  const Value one = o.scope.graph().constant(Tensor(Shape{}, std::vector<double>{number}).cast(dtype));
  return broadcast_to(one, x.shape());
}

Shape sizes_of(const Config& list) {
  Shape s;
  for (const Config& c : list.as_list()) s.push_back(c.is_null() ? -1 : c.as_int());
  return s;
}

Value reshaped(const Operands& o) {
  const Value x = o[0];
  Shape to = sizes_of(o.options["newshape"].is_null() ? o.options["new_shape"] : o.options["newshape"]);
  return reshape(x, to);
}

int counted_from_front(const Operands& o, int axis, int rank) {
  require<ShapeError>(axis >= -rank && axis < rank, o.scope.path(), ": axis ", axis, " of ", rank, " axes");
  return axis < 0 ? axis + rank : axis;
}

Value with_axis(const Operands& o, Value x, int axis) {
  axis = counted_from_front(o, axis, x.shape().rank() + 1);
  return reshape(x, x.shape().part(0, axis) + Shape{1} + x.shape().part(axis, x.shape().rank()));
}

Value squeezed(const Operands& o) {
  Shape to;
  const Value x = o[0];
  std::vector<int64_t> axes = o.axes();
  for (int64_t& a : axes) a = counted_from_front(o, static_cast<int>(a), x.shape().rank());
  for (int i = 0; i < x.shape().rank(); ++i)
    if (axes.empty() ? x.dim(i) != 1 : std::find(axes.begin(), axes.end(), i) == axes.end()) to.push_back(x.dim(i));
  return reshape(x, to);
}

Value transposed(const Operands& o) {
  std::vector<int64_t> axes;
  if (!o.options["axes"].is_null())
    for (const int64_t a : sizes_of(o.options["axes"])) axes.push_back(a);
  return transpose(o[0], axes);
}

Value swapped(const Operands& o) {
  const int rank = o[0].shape().rank();
  std::vector<int64_t> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  std::swap(axes[static_cast<size_t>(counted_from_front(o, o.axis("axis1"), rank))], axes[static_cast<size_t>(counted_from_front(o, o.axis("axis2"), rank))]);
  return transpose(o[0], axes);
}

std::vector<Value> parts(const Operands& o) {
  std::vector<Value> all;
  for (const auto& v : o.values) {
    require(v.has_value(), o.scope.path(), ": only Symbols can be joined");
    all.push_back(*v);
  }
  return all;
}

Value stacked(const Operands& o) {
  std::vector<Value> all = parts(o);
  const int axis = o.axis("axis", 0);
  for (Value& v : all) v = with_axis(o, v, axis);
  return concat(all, axis);
}

/// x[key]: numbers and slices with a positive step, and one ellipsis.
Value item(const Operands& o) {
  const Value x = o[0];
  require(o.others.size() == 2, o.scope.path(), ": GetItem takes one key");
  const Config& given = o.others[1];
  Config::List keys = given.is_list() ? given.as_list() : Config::List{given};
  const auto rank = static_cast<size_t>(x.shape().rank());
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i]["class_name"] == Config("__ellipsis__")) {
      keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(i));
      require<ShapeError>(keys.size() <= rank, o.scope.path(), ": more keys than axes");
      keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(i), rank - keys.size(), Config());
      break;
    }
  require<ShapeError>(keys.size() <= rank, o.scope.path(), ": ", keys.size(), " keys for ", rank, " axes");
  std::vector<int64_t> begin, end, step;
  Shape kept;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t size = x.dim(static_cast<int>(i));
    const Config key = i < keys.size() ? keys[i] : Config();
    const auto bound = [&](const Config& c, int64_t otherwise) {
      if (c.is_null()) return otherwise;
      const int64_t at = c.as_int() < 0 ? c.as_int() + size : c.as_int();
      return std::clamp<int64_t>(at, 0, size);
    };
    if (key.is_int()) {
      const int64_t at = key.as_int() < 0 ? key.as_int() + size : key.as_int();
      require<ShapeError>(at >= 0 && at < size, o.scope.path(), ": index ", key, " of an axis of size ", size);
      begin.push_back(at), end.push_back(at + 1), step.push_back(1);
      continue;
    }
    require<UnsupportedError>(key.is_null() || key["class_name"] == Config("__slice__"), o.scope.path(), ": a key may be a number, a slice or an ellipsis");
    const Config& slice = key.is_null() ? key : key["config"];
    begin.push_back(key.is_null() ? 0 : bound(slice["start"], 0));
    end.push_back(std::max(begin.back(), key.is_null() ? size : bound(slice["stop"], size)));
    step.push_back(key.is_null() || slice["step"].is_null() ? 1 : slice["step"].as_int());
    require<UnsupportedError>(step.back() > 0, o.scope.path(), ": a slice has the step ", step.back(), "; only positive ones are supported");
    kept.push_back((end.back() - begin.back() + step.back() - 1) / step.back());
  }
  return reshape(slice(x, begin, end, step), kept);
}

struct Entry {
  std::string_view module;
  Op op;
};

const std::map<std::string_view, Entry>& table() {
  constexpr std::string_view numpy = "keras.src.ops.numpy", nn = "keras.src.ops.nn", core = "keras.src.ops.core";
  static const std::map<std::string_view, Entry> ops = {
      {"Add", {numpy, two<add>}},
      {"Subtract", {numpy, two<subtract>}},
      {"Multiply", {numpy, two<multiply>}},
      {"Divide", {numpy, real_quotient}},
      {"TrueDivide", {numpy, real_quotient}},
      {"FloorDivide", {numpy, two<floor_divide>}},
      {"Mod", {numpy, two<mod>}},
      {"Power", {numpy, two<power>}},
      {"Maximum", {numpy, two<maximum>}},
      {"Minimum", {numpy, two<minimum>}},
      {"Equal", {numpy, two<equal>}},
      {"NotEqual", {numpy, two<not_equal>}},
      {"Greater", {numpy, two<greater>}},
      {"GreaterEqual", {numpy, two<greater_equal>}},
      {"Less", {numpy, two<less>}},
      {"LessEqual", {numpy, two<less_equal>}},
      {"LogicalAnd", {numpy, [](const Operands& o) { return logical_and(truth(o[0]), truth(o[1])); }}},
      {"LogicalOr", {numpy, [](const Operands& o) { return logical_or(truth(o[0]), truth(o[1])); }}},
      {"LogicalNot", {numpy, [](const Operands& o) { return equal(cast(truth(o[0]), DType::int32), scalar(cast(truth(o[0]), DType::int32), 0)); }}},
      {"Negative", {numpy, one<negative>}},
      {"Absolute", {numpy, one<absolute>}},
      {"Square", {numpy, one<square>}},
      {"Sqrt", {numpy, one_real<sqrt>}},
      {"Exp", {numpy, one_real<exp>}},
      {"Log", {numpy, one_real<log>}},
      {"Tanh", {numpy, one_real<tanh>}},
      {"Sin", {numpy, one_real<sin>}},
      {"Cos", {numpy, one_real<cos>}},
      {"Sum", {numpy, reduce<sum>}},
      {"Mean", {numpy, [](const Operands& o) { return mean(o.real(), o.axes(), o.flag("keepdims")); }}},
      {"Max", {numpy, reduce<max>}},
      {"Min", {numpy, reduce<min>}},
      {"Prod", {numpy, reduce<product>}},
      {"Any", {numpy, [](const Operands& o) { return any_or_all(o, false); }}},
      {"All", {numpy, [](const Operands& o) { return any_or_all(o, true); }}},
      {"Reshape", {numpy, reshaped}},
      {"Transpose", {numpy, transposed}},
      {"Swapaxes", {numpy, swapped}},
      {"ExpandDims", {numpy, [](const Operands& o) { return with_axis(o, o[0], o.axis()); }}},
      {"Squeeze", {numpy, squeezed}},
      {"Concatenate", {numpy, [](const Operands& o) { return concat(parts(o), o.axis()); }}},
      {"Stack", {numpy, stacked}},
      {"GetItem", {numpy, item}},
      {"Matmul", {numpy, [](const Operands& o) { return matmul(o.real(0), o.real(1)); }}},
      {"Clip", {numpy, [](const Operands& o) { return clip(o[0], o.options["x_min"].as_double(), o.options["x_max"].as_double()); }}},
      {"ZerosLike", {numpy, [](const Operands& o) { return filled(o, 0); }}},
      {"OnesLike", {numpy, [](const Operands& o) { return filled(o, 1); }}},
      {"Where", {numpy, [](const Operands& o) { return select(truth(o[0]), o[1], o[2]); }}},
      {"Cast", {core, [](const Operands& o) { return cast(o[0], dtype_named(o.options["dtype"].as_string())); }}},
      {"ConvertToTensor", {core, [](const Operands& o) { return o.options["dtype"].is_null() ? o[0] : cast(o[0], dtype_named(o.options["dtype"].as_string())); }}},
      {"Relu", {nn, [](const Operands& o) { return activated(o, "relu"); }}},
      {"Relu6", {nn, [](const Operands& o) { return activated(o, "relu6"); }}},
      {"Sigmoid", {nn, [](const Operands& o) { return activated(o, "sigmoid"); }}},
      {"Softplus", {nn, [](const Operands& o) { return activated(o, "softplus"); }}},
      {"Silu", {nn, [](const Operands& o) { return activated(o, "silu"); }}},
      {"Elu", {nn, [](const Operands& o) { return activated(o, "elu"); }}},
      {"Softmax", {nn, [](const Operands& o) {
         require<UnsupportedError>(o.axis() == -1 || o.axis() == o[0].shape().rank() - 1, o.scope.path(), ": softmax along axis ", o.axis(), " is not supported; along the last one it is");
         return activated(o, "softmax");
       }}},
  };
  return ops;
}

const Entry& entry(std::string_view class_name) {
  const auto found = table().find(class_name);
  if (found != table().end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [name, e] : table()) names.push_back(name);
  throw UnsupportedError(text("cornu has no op of class '", printable(class_name), "' for models", did_you_mean(class_name, names)));
}

Symbol binary(std::string_view class_name, const Symbol* a, const Symbol* b, double number) {
  auto call = std::make_shared<SymbolCall>(operation_layer({std::string(class_name)}));
  Config::List args;
  for (const Symbol* s : {a, b}) {
    if (s) call->inputs.push_back(*s);
    args.push_back(s ? symbol_place(call->inputs.size() - 1) : Config(number));
  }
  call->positional = call->inputs.size();
  call->args = std::move(args);
  return called(std::move(call));
}

}  // namespace

std::string_view Operation::module() const { return entry(class_name).module; }

std::vector<Value> LayerHolder<Operation>::call(const std::vector<Value>& in, Scope& scope) const {
  Operands operands{{}, {}, layer.options, scope};
  size_t used = 0;
  const std::function<void(const Config&)> add = [&](const Config& arg) {
    const bool list_of_symbols = arg.is_list() && !arg.as_list().empty() && symbol_at(arg.as_list()[0]);
    if (list_of_symbols) {
      for (const Config& c : arg.as_list()) add(c);
      return;
    }
    const bool symbol = symbol_at(arg).has_value();
    operands.values.push_back(symbol ? std::optional(in.at(used++)) : std::nullopt);
    operands.others.push_back(symbol ? Config() : arg);
  };
  if (const Config& args = scope.call().options["args"]; args.is_list())
    for (const Config& arg : args.as_list()) add(arg);
  else
    for (const Value v : in) operands.values.emplace_back(v), operands.others.emplace_back();
  return {entry(layer.class_name).op(operands)};
}

Layer operation_layer(Operation operation, std::string name) {
  entry(operation.class_name);
  return Layer::holding(std::make_unique<LayerHolder<Operation>>(std::move(operation)), {.name = std::move(name)});
}

bool is_operation_module(std::string_view module) { return module.starts_with("keras.src.ops.") || module == "keras.ops"; }

Config operation_to_config(const Operation& operation, const std::string& name) {
  Config config = Config::dict(), object = Config::dict();
  config.set("name", name);
  for (const auto& [key, value] : operation.options.as_dict()) config.set(key, value);
  object.set("module", operation.module()).set("class_name", operation.class_name).set("config", std::move(config)).set("registered_name", operation.class_name);
  return object;
}

Layer operation_from_config(const Config& object) {
  require<FormatError>(object["class_name"].is_string() && object["config"].is_dict(), "an op of the model has no class or no config");
  Operation operation{object["class_name"].as_string()};
  std::string name;
  Config::Dict options;
  for (const auto& [key, value] : object["config"].as_dict())
    if (key == "name") name = value.as_string();
    else options.emplace_back(key, value);
  operation.options = std::move(options);
  return operation_layer(std::move(operation), std::move(name));
}

Symbol operation_with(std::string_view class_name, const Symbol& x, Config operand) {
  auto call = std::make_shared<SymbolCall>(operation_layer({std::string(class_name)}));
  call->inputs = {x};
  call->positional = 1;
  call->args = Config::List{symbol_place(0), std::move(operand)};
  return called(std::move(call));
}

Symbol operation(std::string_view class_name, const std::vector<Symbol>& in, const Config& options) {
  const Layer layer = operation_layer({std::string(class_name), options});
  if (class_name != "Concatenate" && class_name != "Stack") return layer(in);
  auto call = std::make_shared<SymbolCall>(layer);
  Config::List list;
  for (size_t i = 0; i < in.size(); ++i) list.push_back(symbol_place(i));
  call->inputs = in;
  call->positional = in.size();
  call->args = Config::List{std::move(list)};
  return called(std::move(call));
}

Symbol operator+(const Symbol& a, const Symbol& b) { return binary("Add", &a, &b, 0); }
Symbol operator-(const Symbol& a, const Symbol& b) { return binary("Subtract", &a, &b, 0); }
Symbol operator*(const Symbol& a, const Symbol& b) { return binary("Multiply", &a, &b, 0); }
Symbol operator/(const Symbol& a, const Symbol& b) { return binary("TrueDivide", &a, &b, 0); }
Symbol operator+(const Symbol& a, double b) { return binary("Add", &a, nullptr, b); }
Symbol operator-(const Symbol& a, double b) { return binary("Subtract", &a, nullptr, b); }
Symbol operator*(const Symbol& a, double b) { return binary("Multiply", &a, nullptr, b); }
Symbol operator/(const Symbol& a, double b) { return binary("TrueDivide", &a, nullptr, b); }
Symbol operator+(double a, const Symbol& b) { return binary("Add", nullptr, &b, a); }
Symbol operator-(double a, const Symbol& b) { return binary("Subtract", nullptr, &b, a); }
Symbol operator*(double a, const Symbol& b) { return binary("Multiply", nullptr, &b, a); }
Symbol operator/(double a, const Symbol& b) { return binary("TrueDivide", nullptr, &b, a); }
Symbol operator-(const Symbol& x) { return operation("Negative", {x}); }

}  // namespace cornu
