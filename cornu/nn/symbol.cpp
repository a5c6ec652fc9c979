#include "cornu/nn/symbol_call.h"

#include "cornu/nn/choice.h"

namespace cornu {
namespace {

constexpr std::string_view place_name = "__symbol__";

/// The indices of the places in `config`, in order.
void collect(const Config& config, std::vector<size_t>& to) {
  if (const auto i = symbol_at(config)) return to.push_back(*i);
  if (config.is_list())
    for (const Config& c : config.as_list()) collect(c, to);
  if (config.is_dict())
    for (const auto& [key, c] : config.as_dict()) collect(c, to);
}

bool says_nothing(const Config& config) {
  if (config.is_null()) return true;
  if (config.is_list()) {
    for (const Config& c : config.as_list())
      if (!says_nothing(c)) return false;
    return true;
  }
  if (!config.is_dict()) return false;
  for (const auto& [key, c] : config.as_dict())
    if (!says_nothing(c)) return false;
  return true;
}

bool only_places(const Config& config) {
  if (symbol_at(config)) return true;
  if (config.is_list()) {
    for (const Config& c : config.as_list())
      if (!only_places(c)) return false;
    return true;
  }
  if (!config.is_dict()) return false;
  for (const auto& [key, c] : config.as_dict())
    if (!only_places(c)) return false;
  return true;
}

std::string name_for_errors(const Layer& layer) { return layer.name().empty() ? snake_case(layer.class_name()) : layer.name(); }

}  // namespace

CORNU_DEFINE_SPECIAL_MEMBERS(Symbol)
Symbol::Symbol() noexcept = default;
Symbol::Symbol(std::shared_ptr<const SymbolCall> call, int output) : call_(std::move(call)), output_(output) {}

SymbolCall::~SymbolCall() {
  std::vector<Symbol> rest = std::move(inputs);
  for (Symbol& mask : masks) rest.push_back(std::move(mask));
  while (!rest.empty()) {
    const Symbol last = std::move(rest.back());
    rest.pop_back();
    if (!last || last.call().use_count() > 1) continue;
    auto& of_last = const_cast<SymbolCall&>(*last.call());  // about to end with `last`: nobody else sees it
    for (Symbol& s : of_last.inputs) rest.push_back(std::move(s));
    for (Symbol& s : of_last.masks) rest.push_back(std::move(s));
    of_last.inputs.clear(), of_last.masks.clear();
  }
}

Config symbol_place(size_t i) {
  Config place = Config::dict();
  place.set(std::string(place_name), static_cast<int64_t>(i));
  return place;
}

std::optional<size_t> symbol_at(const Config& config) {
  if (!config.is_dict() || config.as_dict().size() != 1 || config.as_dict()[0].first != place_name) return {};
  return static_cast<size_t>(config.as_dict()[0].second.as_int());
}

Config with_places(const Config& args, const std::function<Config(size_t)>& f) {
  if (const auto i = symbol_at(args)) return f(*i);
  if (args.is_list()) {
    Config::List list;
    for (const Config& c : args.as_list()) list.push_back(with_places(c, f));
    return list;
  }
  if (!args.is_dict()) return args;
  Config dict = Config::dict();
  for (const auto& [key, c] : args.as_dict()) dict.set(key, with_places(c, f));
  return dict;
}

Shape free_axes(const Shape& first, const Shape& second) {
  require<ShapeError>(first.rank() == second.rank(), "the number of axes depends on the size of the batch: ", first, " and ", second);
  Shape shape = first;
  for (int i = 0; i < shape.rank(); ++i)
    if (first[i] != second[i]) shape[i] = Shape::unknown;
  return shape;
}

const TensorType& Symbol::probe(size_t i) const {
  require(call_ != nullptr, "this Symbol is empty; assign input({...}) or the result of calling a layer to it first");
  return call_->outputs[static_cast<size_t>(output_)][i];
}

DType Symbol::dtype() const { return probe(0).dtype; }
Shape Symbol::shape() const { return free_axes(probe(0).shape, probe(1).shape); }

std::vector<Symbol> Symbol::outputs() const {
  std::vector<Symbol> all;
  for (size_t i = 0; call_ && i < call_->outputs.size(); ++i) all.emplace_back(call_, static_cast<int>(i));
  return all;
}

Symbol Symbol::operator[](size_t i) const {
  require(call_ && i < call_->outputs.size(), "output ", i, " was asked for, and the layer returned ", call_ ? call_->outputs.size() : 0);
  return {call_, static_cast<int>(i)};
}

Symbol symbol_of_input(Layer input, DType dtype, const Shape& sample, std::optional<int64_t> batch_size) {
  auto call = std::make_shared<SymbolCall>(std::move(input));
  std::array<TensorType, 2> types;
  for (size_t p = 0; p < 2; ++p) {
    types[p] = {dtype, Shape{batch_size.value_or(probe_batch[p])} + sample};
    for (int i = 1; i < types[p].shape.rank(); ++i)
      if (types[p].shape[i] == Shape::unknown) types[p].shape[i] = probe_size[p];
  }
  call->outputs.push_back(std::move(types));
  return {std::move(call), 0};
}

std::vector<Value> replay(const SymbolCall& call, const std::string& name, Values inputs, Scope& scope) {
  CallArguments arguments;
  for (const auto& [key, value] : call.kwargs.as_dict()) {
    std::vector<size_t> places;
    collect(value, places);
    if (!places.empty())
      for (const size_t i : places) arguments.values[key].push_back(inputs[i]);
    else if (key != "training" && !says_nothing(value)) arguments.options.set(key, value);
  }
  if (!only_places(call.args)) arguments.options.set("args", call.args);
  std::vector<Value> in(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(call.positional));
  if (const auto mask = arguments.values.find("mask"); mask != arguments.values.end()) {
    // A list may have a null for an input without a mask.
    const Config& given = call.kwargs["mask"];
    const Config::List each = given.is_list() ? given.as_list() : Config::List{given};
    for (size_t i = 0; each.size() == in.size() && i < in.size(); ++i)
      if (const auto place = symbol_at(each[i])) scope.set_mask(in[i], inputs[*place]);
    if (mask->second.size() < each.size()) arguments.values.erase(mask);
  }
  return call.layer.call_as(name, std::move(in), scope, arguments);
}

Symbol mask_of(const Symbol& symbol) {
  if (!symbol || symbol.call()->masks.empty()) return {};
  return symbol.call()->masks[static_cast<size_t>(symbol.output())];
}

// Keras names a mask in the call of a layer that takes one if the call has one input and nothing else.
void add_masks(SymbolCall& call) {
  if (call.layer.interface().mask_argument() != "mask" || call.inputs.size() != 1 || !symbol_at(call.args.as_list()[0]) || !call.kwargs.as_dict().empty()) return;
  const Symbol mask = mask_of(call.inputs[0]);
  if (!mask) return;
  call.inputs.push_back(mask);
  call.kwargs.set("mask", symbol_place(1));
}

Symbol called(std::shared_ptr<SymbolCall> call) {
  const std::string name = name_for_errors(call->layer);
  for (const Symbol& s : call->inputs) require(static_cast<bool>(s), "layer '", name, "' was called on an empty Symbol; assign input({...}) or the result of calling a layer to it first");
  require(call->positional > 0, "layer '", name, "' was called on nothing");
  std::array<std::vector<TensorType>, 2> types;
  std::vector<Symbol> masks;
  for (size_t p = 0; p < 2; ++p) {
    Graph graph;
    Scope scope(graph, {.training = true});  // what layers return then is what weights are made for
    std::vector<Value> in;
    std::vector<std::pair<Value, Symbol>> known;  // which Value stands for which Symbol
    const auto add = [&](const Symbol& s) {
      const TensorType& type = s.probe(p);
      const bool as_fed = type.dtype == DType::float64 || type.dtype == DType::bfloat16;
      known.emplace_back(graph.input(text("x", known.size()), as_fed ? TensorType{DType::float32, type.shape} : type), s);
      return known.back().first;
    };
    for (const Symbol& s : call->inputs) in.push_back(add(s));
    for (size_t i = 0; i < call->positional; ++i)
      if (const Symbol mask = mask_of(call->inputs[i])) scope.set_mask(in[i], add(mask));
    masks.clear();
    for (const Value v : replay(*call, name, in, scope)) {
      types[p].push_back(v.type());
      masks.emplace_back();
      if (const auto mask = scope.mask(v))
        for (const auto& [value, symbol] : known)
          if (value == *mask) masks.back() = symbol;
    }
    if (!types[p].empty() && p == 1) {
      const std::vector<Symbol> given(call->inputs.begin(), call->inputs.begin() + static_cast<std::ptrdiff_t>(call->positional));
      if (Symbol made = call->layer.interface().make_mask(given)) masks[0] = std::move(made);
    }
  }
  call->masks = std::move(masks);
  ensure(types[0].size() == types[1].size(), "layer '", name, "' returned ", types[0].size(), " values and then ", types[1].size());
  for (size_t i = 0; i < types[0].size(); ++i) {
    require<ShapeError>(types[0][i].shape.rank() == types[1][i].shape.rank(), "layer '", name, "': the number of axes of what it returns depends on the size of the batch");
    call->outputs.push_back({types[0][i], types[1][i]});
  }
  require(!call->outputs.empty(), "layer '", name, "' returned nothing");
  call->serial = call->layer.next_call();
  return {std::move(call), 0};
}

Symbol operator|(const Symbol& x, const Layer& layer) { return layer(x); }
Symbol operator|(const std::vector<Symbol>& in, const Layer& layer) { return layer(in); }

namespace {

/// How many states a cell of this object dict has, of Keras's three; 0 for others.
size_t states_of_cell(const Config& cell) {
  const Config& name = cell["class_name"];
  return name == Config("LSTMCell") ? 2 : name == Config("SimpleRNNCell") || name == Config("GRUCell") ? 1 : 0;
}

/// The states in Keras's call(step, states) of a cell: a list, and of cells on top of each other a list of theirs.
Config::List states_of_call(const Layer& cell, const Config::List& states) {
  if (cell.class_name() != "StackedRNNCells") return states;
  Config fields;
  try {
    fields = cell.fields();
  } catch (const UnsupportedError&) {  // a cell of the program's own, which no file can hold
    return states;
  }
  Config::List all;
  auto next = states.begin();
  for (const Config& one : fields["cells"].as_list()) {
    const size_t count = states_of_cell(one);
    if (count == 0 || static_cast<size_t>(states.end() - next) < count) return states;  // the trace says what is wrong, if something is
    all.push_back(Config::List(next, next + static_cast<std::ptrdiff_t>(count)));
    next += static_cast<std::ptrdiff_t>(count);
  }
  return all;
}

}  // namespace

Symbol Layer::operator()(const Symbol& x, const SymbolArguments& arguments) const { return (*this)(std::vector{x}, arguments); }

Symbol Layer::operator()(const std::vector<Symbol>& in, const SymbolArguments& arguments) const {
  auto call = std::make_shared<SymbolCall>(*this);
  call->inputs = in;
  call->positional = in.size();
  Config::List places;
  for (size_t i = 0; i < in.size(); ++i) places.push_back(symbol_place(i));
  const bool one_by_one = separate_inputs() || (in.size() == 1 && !interface().takes_list());
  const bool cell = class_name() == "StackedRNNCells" || states_of_cell(Config(Config::Dict{{"class_name", class_name()}})) > 0;
  if (in.size() > 1 && cell) {
    call->args = Config::List{places[0], states_of_call(*this, Config::List(places.begin() + 1, places.end()))};
  } else {
    call->args = one_by_one ? Config(std::move(places)) : Config(Config::List{std::move(places)});
  }
  const auto add = [&](const Symbol& s) {
    call->inputs.push_back(s);
    return symbol_place(call->inputs.size() - 1);
  };
  for (const auto& [key, symbols] : arguments.symbols) {
    Config::List list;
    for (const Symbol& s : symbols) list.push_back(add(s));
    call->kwargs.set(key, symbols.size() == 1 && key != "initial_state" ? list[0] : Config(std::move(list)));
  }
  for (const auto& [key, value] : arguments.options.as_dict()) call->kwargs.set(key, value);
  add_masks(*call);
  return called(std::move(call));
}

}  // namespace cornu
