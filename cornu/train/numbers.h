// Numbers as Keras prints them, which is as Python prints them.
#pragma once
#include <cstdint>
#include <string>

namespace cornu {

/// printf into a string; always in the C locale's notation as long as the program has set no other.
[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...);

/// repr(float): the shortest text that reads back as the same double; always with a point, an exponent, "inf" or "nan".
std::string python_float(double value);

/// f"{n:,}": "1,234,567".
std::string with_commas(int64_t n);

/// A size in bytes as summary() shows it: "31.52 KB", "0.00 B" (base 1024, two digits).
std::string readable_size(double bytes);

}  // namespace cornu
