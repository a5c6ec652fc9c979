#include "cornu/app/short_form.h"

#include <charconv>
#include <cmath>

#include "cornu/layers/layers.h"

namespace cornu::app {
namespace {

/// What a word most likely is: a number, true, false, none, a list of them ("28,28,1"), else a string.
Config value_from_text(const std::string& s) {
  if (s.find(',') != std::string::npos) {
    Config::List list;
    for (const std::string& item : split(s, ',')) list.push_back(value_from_text(item));
    return list;
  }
  const char *begin = s.data(), *end = begin + s.size();
  int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, integer); error == std::errc() && stop == end) return integer;
  double number = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, number); error == std::errc() && stop == end && std::isfinite(number)) return number;
  if (s == "true" || s == "True") return true;
  if (s == "false" || s == "False") return false;
  if (s == "none" || s == "None" || s == "null") return nullptr;
  return s;
}

struct ShortLayer {
  std::string name;
  std::string_view class_name;
  std::vector<std::string> options;
};

/// Every layer that can be loaded has a short form.
std::vector<ShortLayer> known_layers() {
  std::vector<ShortLayer> list;
  for (const LayerRules* rules : all_layers())
    if (rules->class_name != Input::class_name) list.push_back({snake_case(rules->class_name), rules->class_name, rules->field_names()});
  return list;
}

/// "dense:units:activation:...": what a word of this layer looks like.
std::string usage(const ShortLayer& layer) {
  std::string s = layer.name;
  for (size_t i = 0; i < std::min<size_t>(layer.options.size(), 2); ++i) s += text(":", layer.options[i]);
  return layer.options.size() > 2 ? s + ":option=value..." : s;
}

const ShortLayer& find_layer(const std::vector<ShortLayer>& known, const std::string& name, const std::string& where) {
  std::vector<std::string_view> names = {"input"};
  for (const ShortLayer& layer : known) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
  }
  bool activation = true;
  try {
    Activation{name};
  } catch (const ArgumentError&) {
    activation = false;
  }
  require(!activation, where, "'", name, "' is an activation, not a layer: write it behind its layer, as in dense:10:", name, ", or as a layer, activation:", name);
  std::string list;
  for (const std::string_view n : names) list += text(list.empty() ? "" : ", ", n);
  throw ArgumentError(text(where, "there is no layer '", printable(name), "'", did_you_mean(name, names), "; there are ", list));
}

Layer layer_from_word(const std::string& word, const std::vector<ShortLayer>& known) {
  const std::string where = text("--layers: '", printable(word), "': ");
  const std::vector<std::string> parts = split(word, ':');
  const ShortLayer& layer = find_layer(known, parts[0], where);
  Config config = Config::dict();
  size_t next = 0;
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    require(!parts[i].empty(), where, "nothing stands behind a colon; expected ", usage(layer));
    if (equals == std::string::npos) {
      require(next < layer.options.size(), where, "'", printable(parts[i]), "' is one value too many; expected ", usage(layer));
      Config value = value_from_text(parts[i]);
      if (layer.options[next] == "target_shape" && value.is_int()) value = Config(Config::List{value});
      config.set(layer.options[next++], std::move(value));
    } else {
      config.set(parts[i].substr(0, equals), value_from_text(parts[i].substr(equals + 1)));
    }
  }
  require(layer.name != "dense" || config.contains("units"), where, "how many units? expected ", usage(layer), ", such as dense:10:relu");
  try {
    return layer_from_config(layer.class_name, config);
  } catch (const Error& e) {
    throw ArgumentError(text(where, e.what(), "; expected ", usage(layer)));
  }
}

Input input_from_word(const std::string& word) {
  Shape shape;
  for (const std::string& size : split(word.substr(word.find(':') + 1), ',')) {
    const Config value = value_from_text(size);
    require(value.is_int() && value.as_int() > 0 && word.find(':') != std::string::npos, "--layers: '", printable(word), "': expected the shape of one sample, such as input:784 or input:28,28,1");
    shape.push_back(value.as_int());
  }
  return Input(shape);
}

/// The handle that `text` names, with its options. A Handle is made from a name, or read from Keras's object dict.
template <class Handle> Handle choice_from_text(std::string_view option, const std::string& text) {
  const size_t colon = text.find(':');
  try {
    Handle handle(text.substr(0, colon));
    if (colon == std::string::npos) return handle;
    Config object = Config::dict();
    object.set("class_name", handle.class_name()).set("config", options_from_text(option, text.substr(colon + 1)));
    from_config(object, handle);
    return handle;
  } catch (const Error& e) {
    const std::string why = e.what();
    throw ArgumentError(why.starts_with(option) ? why : cornu::text(option, ": ", why));
  }
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1) parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

Config options_from_text(std::string_view where, const std::string& text) {
  Config config = Config::dict();
  for (const std::string& item : split(text, ',')) {
    const size_t equals = item.find('=');
    require(equals != std::string::npos && equals > 0 && equals + 1 < item.size(), where, ": expected option=value, found '", printable(item), "'");
    config.set(item.substr(0, equals), value_from_text(item.substr(equals + 1)));
  }
  return config;
}

std::vector<Layer> layers_from_text(const std::string& text, const Shape& sample) {
  const std::vector<ShortLayer> known = known_layers();
  std::optional<Input> input;
  std::vector<Layer> layers;
  bool as_row = false, reshaped = false;
  std::string spaced = text;
  for (char& c : spaced)
    if (c == '\n' || c == '\t') c = ' ';
  for (const std::string& word : split(spaced, ' ')) {
    if (word.empty()) continue;
    if (word == "input" || word.starts_with("input:")) {
      require(!input && layers.empty(), "--layers: '", printable(word), "': the input comes first, and once");
      input = input_from_word(word);
      continue;
    }
    layers.push_back(layer_from_word(word, known));
    reshaped |= layers.back().class_name() == "Flatten" || layers.back().class_name() == "Reshape";
    as_row |= layers.back().class_name() == "Dense" && !reshaped;
  }
  require(!layers.empty(), "--layers names no layer; a model for ten classes is \"dense:32:relu dense:10:softmax\"");
  if (!input) input = as_row && sample.rank() != 1 ? Input(Shape{sample.elements()}) : Input(sample);
  layers.insert(layers.begin(), Layer(*input));
  return layers;
}

Optimizer optimizer_from_text(const std::string& text) { return choice_from_text<Optimizer>("--optimizer", text); }
Loss loss_from_text(const std::string& text) { return choice_from_text<Loss>("--loss", text); }

std::vector<Metric> metrics_from_text(const std::vector<std::string>& texts) {
  std::vector<Metric> metrics;
  for (const std::string& list : texts)
    for (const std::string& name : split(list, ','))
      if (!name.empty() && name != "none") metrics.push_back(choice_from_text<Metric>("--metrics", name));
  return metrics;
}

}  // namespace cornu::app
