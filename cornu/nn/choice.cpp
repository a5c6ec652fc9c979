#include "cornu/nn/choice.h"

#include <cctype>

#include "cornu/nn/choose.h"
#include "cornu/nn/described.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(ChoiceHandle)
ChoiceHandle::ChoiceHandle() noexcept = default;
ChoiceHandle::ChoiceHandle(std::shared_ptr<const Choosable> self) : self_(std::move(self)) {}
std::string_view ChoiceHandle::class_name() const { return self_ ? self_->class_name() : std::string_view(); }
Config ChoiceHandle::fields() const { return self_ ? self_->fields() : Config(); }

Config ChoiceHandle::object_config(std::string_view module, std::string_view what) const {
  if (!self_) return {};
  if (class_name() == described_by_itself) return fields()["description"];
  require<UnsupportedError>(!class_name().empty(), what, " is a function, which cannot be saved; use a named one, or a struct with CORNU_FIELDS and class_name");
  return keras_object(module, class_name(), fields());
}

Config keras_object(std::string_view module, std::string_view class_name, Config config) {
  return Config(Config::Dict{{"module", module}, {"class_name", class_name}, {"config", std::move(config)}, {"registered_name", nullptr}});
}

Config only(const char* key, const char* value) { return Config(Config::Dict{{key, value}}); }
Config only(const char* key, bool value) { return Config(Config::Dict{{key, value}}); }

ObjectConfig read_object(const Config& config, std::string_view what) {
  if (config.is_string()) return {config.as_string()};
  require<FormatError>(config.is_dict() && config["class_name"].is_string(), "expected the name or the config of ", what, ", found ", config.kind());
  const std::string& name = config["class_name"].as_string();
  require<UnsafeError>(name != "__lambda__", "the ", what, " is a Python lambda: cornu never runs code from a file");
  const Config& module = config["module"];
  const bool keras = module.is_null() || module == Config("builtins") || module == Config("keras") ||
                     (module.is_string() && module.as_string().starts_with("keras."));
  require<UnsupportedError>(keras, "the ", what, " '", printable(name), "' is a custom class of module ", module, ", which cornu does not know");
  if (name == "function") {
    require<FormatError>(config["config"].is_string(), "the ", what, " is a function without a name");
    return {config["config"].as_string()};
  }
  const Config& inner = config["config"];
  return {name, inner.is_null() ? Config::dict() : inner};
}

std::string snake_case(std::string_view class_name) {
  // Keras's two regular expressions: (.)([A-Z][a-z]+) -> \1_\2, then ([a-z])([A-Z]) -> \1_\2, then lower case. As in
  // Python's re.sub, matches do not overlap: a word that was just taken is not looked at again.
  if (class_name == "GroupQueryAttention") class_name = "GroupedQueryAttention";  // what the class that Keras exports as the former is called
  if (const size_t package = class_name.find('>'); package != class_name.npos) class_name.remove_prefix(package + 1);  // "mine>Scale"
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string words;
  for (size_t i = 0; i < class_name.size();) {
    words += class_name[i];
    if (i + 2 < class_name.size() && upper(class_name[i + 1]) && lower(class_name[i + 2])) {
      words += '_';
      words += class_name[++i];
      while (++i < class_name.size() && lower(class_name[i])) words += class_name[i];
    } else {
      ++i;
    }
  }
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && lower(words[i - 1]) && upper(words[i])) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(words[i])));
  }
  return out;
}

void refuse_choice(std::string_view what, std::string_view name, const std::vector<std::string>& known, std::span<const std::string_view> refused) {
  for (const std::string_view r : refused)
    require<UnsupportedError>(r != name && snake_case(r) != name, "the ", what, " '", name, "' exists in Keras and is not supported by cornu yet");
  const std::vector<std::string_view> views(known.begin(), known.end());
  throw ArgumentError(text("unknown ", what, " '", printable(name), "'", did_you_mean(name, views)));
}

}  // namespace cornu
