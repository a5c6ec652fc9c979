// What Keras lets one choose by name, by object or by function (initializers, regularizers, losses, ...): the pattern, once.
#pragma once
#include <memory>
#include <string>

#include "cornu/base/fields.h"
#include "cornu/base/special_members.h"

namespace cornu {

/// {"module": module, "class_name": class_name, "config": config, "registered_name": null}: an object as Keras writes it.
Config keras_object(std::string_view module, std::string_view class_name, Config config);

/// {key: value}. In T::extras(): a key that Keras writes and cornu has no use for, with the only value that it may have (choose.h).
Config only(const char* key, const char* value);
Config only(const char* key, bool value);

/// What any of Keras's forms of an object names: a bare string, an object dict, a dict for a function.
struct ObjectConfig {
  std::string name;
  Config config = Config::dict();
};
/// Throws UnsafeError for a lambda, UnsupportedError for a custom class, FormatError for anything else that is no object.
ObjectConfig read_object(const Config& config, std::string_view what);

/// "Conv2D" -> "conv2d", "BatchNormalization" -> "batch_normalization": Keras's rule.
std::string snake_case(std::string_view class_name);

/// The base of each family's interface.
struct Choosable {
  virtual ~Choosable() = default;
  virtual std::string_view class_name() const = 0;  // empty for a function
  virtual Config fields() const = 0;
};

/// The part of a holder that is the same in every family.
template <class Interface, class T> struct Chosen : Interface {
  explicit Chosen(T t) : object(std::move(t)) {}
  std::string_view class_name() const override {
    if constexpr (requires { T::class_name; }) return T::class_name;
    else return {};
  }
  Config fields() const override {
    if constexpr (HasFields<T>) return fields_to_config(object);
    else return Config::dict();
  }
  T object;
};

/// A handle: a value, cheap to copy, immutable; empty when default-made. The part of it that is the same in every family.
class ChoiceHandle {
 public:
  explicit operator bool() const { return self_ != nullptr; }
  /// "GlorotUniform"; empty for a function or when nothing is chosen.
  std::string_view class_name() const;
  /// The name it was chosen by, as it was given; empty when it was made from an object or a function.
  const std::string& given_name() const { return given_name_; }
  /// The object's options alone.
  Config fields() const;
  CORNU_SPECIAL_MEMBERS(ChoiceHandle)

 protected:
  ChoiceHandle() noexcept;
  explicit ChoiceHandle(std::shared_ptr<const Choosable> self);
  /// The object's full dict; null when empty. Throws UnsupportedError for a function, which has no config.
  Config object_config(std::string_view module, std::string_view what) const;

  std::shared_ptr<const Choosable> self_;
  std::string given_name_;
};

/// A handle of one family.
template <class Interface> class Choice : public ChoiceHandle {
 public:
  /// The object it was made from, or null.
  template <class T> const T* as() const {
    const auto* chosen = dynamic_cast<const Chosen<Interface, T>*>(self_.get());
    return chosen ? &chosen->object : nullptr;
  }

 protected:
  using ChoiceHandle::ChoiceHandle;
  const Interface* self() const { return static_cast<const Interface*>(self_.get()); }
};

}  // namespace cornu
