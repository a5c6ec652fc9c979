// Numbers as Keras prints them, which is as Python prints them.
#pragma once
#include <cstdint>
#include <string>

namespace cornu {

/// printf into a string; always in the C locale's notation as long as the program has set no other.
[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...);

/// Python's repr of a float: "0.1", "1.0", "1e-05", "inf", "nan". (JSON writes the last two otherwise.)
std::string float_repr(double value);

/// f"{n:,}": "1,234,567".
std::string with_commas(int64_t n);

/// A size in bytes as summary() shows it: "31.52 KB", "0.00 B" (base 1024, two digits).
std::string readable_size(double bytes);

}  // namespace cornu
