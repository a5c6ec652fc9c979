// A Functional from Keras's config: its calls are made once what they read is there, in time linear in the config.
#include <algorithm>
#include <deque>

#include "cornu/layers/functional.h"
#include "cornu/layers/nested.h"
#include "cornu/nn/choice.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {
namespace {

struct Reader {
  struct Ref {
    size_t layer, call, output;
  };
  struct Call {
    size_t layer;
    const Config* data;
    std::vector<size_t> followers = {};  // calls that wait for this one
    size_t waits_for = 0;
  };
  struct Entry {
    std::string name;
    Layer layer;
    std::vector<size_t> calls = {};      // in `calls`
    std::vector<Symbol> made = {};       // the first output of each call that has been made
  };
  const CustomObjects& custom;
  std::vector<Entry> entries = {};
  std::vector<Call> calls = {};
  std::map<std::string, size_t, std::less<>> by_name = {};

  Ref ref(const Config& history) const {
    require<FormatError>(history.is_list() && history.as_list().size() >= 3, "expected [layer, call, output], found ", history);
    const Config::List& parts = history.as_list();
    const auto found = by_name.find(parts[0].as_string());
    require<FormatError>(found != by_name.end(), "the model refers to a layer '", printable(parts[0].as_string()), "' that it does not list");
    const int64_t call = parts[1].as_int(), output = parts[2].as_int();
    require<FormatError>(call >= 0 && output >= 0, "a negative index in ", history);
    return {found->second, static_cast<size_t>(call), static_cast<size_t>(output)};
  }

  bool is_input(const Entry& e) const { return e.layer.as<Input>() != nullptr; }
  size_t number_of_calls(const Entry& e) const { return is_input(e) ? 1 : e.calls.size(); }

  Symbol symbol(const Ref& r) const {
    const Entry& e = entries[r.layer];
    require<FormatError>(r.call < e.made.size(), "the model refers to call ", r.call, " of '", printable(e.name), "', which is called ", number_of_calls(e), " times");
    const std::vector<Symbol> outputs = e.made[r.call].outputs();
    require<FormatError>(r.output < outputs.size(), "the model refers to output ", r.output, " of '", printable(e.name), "', which has ", outputs.size());
    return outputs[r.output];
  }

  static bool is_tensor(const Config& c) { return c.is_dict() && c["class_name"] == Config("__keras_tensor__"); }

  /// Every reference in a call's arguments. Recursion is as deep as the JSON, which the reader bounds.
  template <class F> static void each_tensor(const Config& c, F f) {
    if (is_tensor(c)) return f(c["config"]["keras_history"]);
    if (c.is_list())
      for (const Config& part : c.as_list()) each_tensor(part, f);
    if (c.is_dict())
      for (const auto& [key, part] : c.as_dict()) each_tensor(part, f);
  }
  template <class F> static void each_tensor_of_call(const Config& data, F f) {
    if (!data.is_list()) return each_tensor(data["args"], f), each_tensor(data["kwargs"], f);
    for (const Config& tensor : data.as_list()) f(tensor);  // as Keras 2 writes it
  }

  void read_layers(const Config& list) {
    for (const Config& object : list.as_list()) {
      const Config& name = object["name"].is_string() ? object["name"] : object["config"]["name"];
      require<FormatError>(name.is_string(), "a layer of the model has no name");
      Layer layer = layer_from_config(object, custom);
      layer.set_name(name.as_string());
      require<FormatError>(by_name.emplace(name.as_string(), entries.size()).second, "two layers of the model are named '", printable(name.as_string()), "'");
      Entry e{name.as_string(), layer};
      if (const Input* in = layer.as<Input>()) {
        e.made.push_back(symbol_of_input(layer, in->dtype, in->shape, in->batch_size));
      } else {
        for (const Config& data : object["inbound_nodes"].as_list()) {
          if (!data.is_list() && !data.is_dict()) continue;
          e.calls.push_back(calls.size());
          calls.push_back({entries.size(), &data});
        }
      }
      entries.push_back(std::move(e));
    }
    require<LimitError>(calls.size() <= static_cast<size_t>(most_calls), "a model calls at most ", most_calls, " layers, and this file asks for ", calls.size());
  }

  void find_order() {
    for (size_t i = 0; i < calls.size(); ++i) {
      const auto wait_for = [&](size_t other) { calls[other].followers.push_back(i), ++calls[i].waits_for; };
      const std::vector<size_t>& own = entries[calls[i].layer].calls;
      if (own.front() != i) wait_for(i - 1);  // a layer's calls are numbered in their order
      each_tensor_of_call(*calls[i].data, [&](const Config& history) {
        const Ref r = ref(history);
        const Entry& from = entries[r.layer];
        require<FormatError>(r.call < number_of_calls(from), "'", printable(entries[calls[i].layer].name), "' reads call ", r.call, " of '", printable(from.name), "', which is called ", number_of_calls(from), " times");
        if (!is_input(from)) wait_for(from.calls[r.call]);
      });
    }
  }

  Config places(const Config& c, SymbolCall& call) const {
    if (is_tensor(c)) {
      call.inputs.push_back(symbol(ref(c["config"]["keras_history"])));
      return symbol_place(call.inputs.size() - 1);
    }
    if (c.is_list()) {
      Config::List list;
      for (const Config& part : c.as_list()) list.push_back(places(part, call));
      return list;
    }
    if (!c.is_dict()) return c;
    Config::Dict sorted = c.as_dict();  // as Keras flattens dicts
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [key, part] : sorted) part = places(part, call);
    return sorted;
  }

  void make(const Call& c) {
    Entry& e = entries[c.layer];
    auto call = std::make_shared<SymbolCall>(e.layer);
    if (c.data->is_list()) {
      Config::List list;
      for (const Config& tensor : c.data->as_list()) {
        call->inputs.push_back(symbol(ref(tensor)));
        list.push_back(symbol_place(call->inputs.size() - 1));
        if (tensor.as_list().size() > 3)
          for (const auto& [key, value] : tensor.as_list()[3].as_dict()) call->kwargs.set(key, value);
      }
      call->args = (list.size() == 1 && !e.layer.interface().takes_list()) || e.layer.separate_inputs() ? Config(std::move(list)) : Config(Config::List{std::move(list)});
      call->positional = call->inputs.size();
    } else {
      call->args = places((*c.data)["args"], *call);
      call->positional = call->inputs.size();
      require<FormatError>((*c.data)["kwargs"].is_dict(), "the call of '", printable(e.name), "' has no kwargs");
      call->kwargs = places((*c.data)["kwargs"], *call);
    }
    e.made.push_back(called(std::move(call)));
  }

  void make_calls() {
    std::deque<size_t> ready;
    for (size_t i = 0; i < calls.size(); ++i)
      if (calls[i].waits_for == 0) ready.push_back(i);
    size_t made = 0;
    for (; !ready.empty(); ready.pop_front(), ++made) {
      make(calls[ready.front()]);
      for (const size_t f : calls[ready.front()].followers)
        if (--calls[f].waits_for == 0) ready.push_back(f);
    }
    if (made == calls.size()) return;
    for (const Call& c : calls)
      require<FormatError>(c.waits_for == 0, "the model has a cycle: '", printable(entries[c.layer].name), "' waits for its own output");
  }

  // Nested Functionals count their calls from 1 here: see Functional::reference.
  Symbol end(const Config& history) const {
    Ref r = ref(history);
    const auto nested = wiring_of(entries[r.layer].layer);
    if (nested && nested->class_name() == "Functional") {
      require<FormatError>(r.call > 0, "the model refers to call 0 of '", printable(entries[r.layer].name), "', which counts from 1 among inputs and outputs");
      --r.call;
    }
    return symbol(r);
  }

  SymbolGroup group(const Config& config, std::string_view what) const {
    if (config.is_dict()) {
      std::map<std::string, Symbol> dict;
      for (const auto& [key, history] : config.as_dict()) dict.emplace(key, end(history));
      return SymbolGroup(dict);
    }
    require<FormatError>(config.is_list(), "the model does not say what its ", what, " are");
    const Config::List& list = config.as_list();
    if (list.size() == 3 && list[0].is_string()) return SymbolGroup(end(config));
    std::vector<Symbol> symbols;
    for (const Config& history : list) symbols.push_back(end(history));
    return SymbolGroup(std::move(symbols));
  }
};

}  // namespace

std::shared_ptr<Functional> functional_from_config(const Config& config, const CustomObjects& custom) {
  constexpr std::string_view known[] = {"name", "trainable", "dtype", "layers", "input_layers", "output_layers"};
  for (const auto& [key, value] : config.as_dict())
    require<FormatError>(std::find(std::begin(known), std::end(known), key) != std::end(known), "Functional has no option '", printable(key), "'", did_you_mean(key, known));
  Reader reader{custom};
  reader.read_layers(config["layers"]);
  reader.find_order();
  reader.make_calls();
  return std::make_shared<Functional>(reader.group(config["input_layers"], "inputs"), reader.group(config["output_layers"], "outputs"));
}

}  // namespace cornu
