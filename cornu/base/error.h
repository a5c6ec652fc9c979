// What can go wrong, as types, and how to say it.
#pragma once
#include <concepts>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cornu {

/// Every exception that cornu throws is one of these; a program that catches Error catches all.
/// The text says where, what was given, what was expected and what to do.
class Error : public std::exception {
 public:
  explicit Error(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// An argument, option or name that means nothing here.
struct ArgumentError : Error { using Error::Error; };
/// Shapes or dtypes that do not fit each other.
struct ShapeError : ArgumentError { using ArgumentError::ArgumentError; };
/// Something real that cornu does not do; the text names what to do instead.
struct UnsupportedError : ArgumentError { using ArgumentError::ArgumentError; };
/// The operating system refused: open, read, write, rename, no space.
struct IoError : Error { using Error::Error; };
/// A file whose bytes do not say what its format promises.
struct FormatError : Error { using Error::Error; };
/// A well-formed file that asks for more than the limits allow.
struct LimitError : FormatError { using FormatError::FormatError; };
/// A file that asks for code, or for another file.
struct UnsafeError : FormatError { using FormatError::FormatError; };
/// A loss, weight or input that is not a number.
struct NumericError : Error { using Error::Error; };
/// A mistake of cornu's own; please report it.
struct InternalError : Error { using Error::Error; };

// How a value reads inside a message. A type joins in by an overload of append_text beside it.
inline void append_text(std::string& to, std::string_view s) { to += s; }
inline void append_text(std::string& to, const char* s) { to += s; }
inline void append_text(std::string& to, const std::string& s) { to += s; }
inline void append_text(std::string& to, char c) { to += c; }
inline void append_text(std::string& to, bool b) { to += b ? "true" : "false"; }
void append_text(std::string& to, double number);  // the shortest digits that read back as the same number
void append_text(std::string& to, float number);
template <std::integral T> void append_text(std::string& to, T number) { to += std::to_string(number); }
template <class T> void append_text(std::string& to, const std::vector<T>& list) {
  to += '[';
  for (size_t i = 0; i < list.size(); ++i) append_text(to += i ? ", " : "", list[i]);
  to += ']';
}

/// The parts, one after another.
template <class... Parts> std::string text(const Parts&... parts) {
  std::string s;
  (append_text(s, parts), ...);
  return s;
}

/// Throws E with the parts as its text unless `ok`.
template <class E = ArgumentError, class... Parts> void require(bool ok, const Parts&... parts) {
  if (!ok) [[unlikely]] throw E(text(parts...));
}

/// A check of cornu's own promises.
template <class... Parts> void ensure(bool ok, const Parts&... parts) { require<InternalError>(ok, parts...); }

/// " (did you mean 'x'?)" for the nearest of `known`, or "" when none is near.
std::string did_you_mean(std::string_view given, std::span<const std::string_view> known);

/// For error messages: control bytes escaped, cut to 200 bytes.
std::string printable(std::string_view bytes);

}  // namespace cornu
