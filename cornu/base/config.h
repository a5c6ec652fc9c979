// A configuration: what JSON can say, with the order of its keys kept. Layers and optimizers are described in it,
// op attributes print from it; io/ turns it into JSON text and back.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cornu {

class Config {
 public:
  using List = std::vector<Config>;
  using Dict = std::vector<std::pair<std::string, Config>>;

  // Defined out of line: they are what a variant costs every file that includes this one.
  Config() noexcept;  // null
  Config(std::nullptr_t) noexcept;
  Config(bool b);
  Config(int i);
  Config(int64_t i);
  Config(double d);
  Config(const char* s);
  Config(std::string s);
  Config(std::string_view s);
  Config(List list);
  Config(Dict dict);
  Config(const Config& other);
  Config(Config&& other) noexcept;
  Config& operator=(const Config& other);
  Config& operator=(Config&& other) noexcept;
  ~Config();
  static Config dict();
  /// An object itself where its description would stand: one that has none, or that is shared. from_config of an Initializer, Loss,
  /// Layer and the like takes it as it is; no file can hold it.
  template <class T> static Config holding(T object) { return Config(std::shared_ptr<const Object>(std::make_shared<Held<T>>(std::move(object)))); }
  /// The object, if it is a T; else null.
  template <class T> const T* held() const {
    const auto* found = dynamic_cast<const Held<T>*>(object());
    return found ? &found->object : nullptr;
  }

  bool is_null() const { return value_.index() == 0; }
  bool is_bool() const;
  bool is_int() const;
  bool is_number() const;
  bool is_string() const;
  bool is_list() const;
  bool is_dict() const;
  bool is_object() const { return object() != nullptr; }

  // Each throws FormatError, with what was found instead, if the value is of another kind.
  bool as_bool() const;
  int64_t as_int() const;     // also a double without a fraction
  double as_double() const;   // any number
  const std::string& as_string() const;
  const List& as_list() const;
  const Dict& as_dict() const;

  /// The value under `key`, or null when the dict lacks it.
  const Config& operator[](std::string_view key) const;
  bool contains(std::string_view key) const;
  /// Sets or replaces the value under `key`; a null becomes a dict first.
  Config& set(std::string key, Config value);
  void push_back(Config value);

  bool operator==(const Config& other) const;
  /// "a dict", "a string", ...: for error messages.
  std::string_view kind() const;

 private:
  struct Object {
    virtual ~Object() = default;
  };
  template <class T> struct Held final : Object {
    explicit Held(T o) : object(std::move(o)) {}
    T object;
  };
  explicit Config(std::shared_ptr<const Object> object);
  const Object* object() const;
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Dict, std::shared_ptr<const Object>> value_;
};

/// Short and readable, for messages and the text form of graphs: {units: 10, activation: "relu"}.
void append_text(std::string& to, const Config& config);

}  // namespace cornu
