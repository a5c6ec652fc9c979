// Numbers as people write them on a command line.
#include <charconv>
#include <cmath>

#include "cornu/app/command.h"

namespace cornu::app {
namespace {

template <class T> void read_number(std::string_view option, const std::string& given, std::string_view expected, T& to) {
  const char* end = given.data() + given.size();
  const auto [stop, error] = std::from_chars(given.data(), end, to);
  require(error != std::errc::result_out_of_range, option, ": '", printable(given), "' is too large");
  require(error == std::errc() && stop == end && !given.empty(), option, " expects ", expected, ", and was given '", printable(given), "'");
}

}  // namespace

void read_value(std::string_view, const std::string& given, std::string& to) { to = given; }
void read_value(std::string_view option, const std::string& given, int& to) { read_number(option, given, "a whole number", to); }
void read_value(std::string_view option, const std::string& given, int64_t& to) { read_number(option, given, "a whole number", to); }
void read_value(std::string_view option, const std::string& given, uint64_t& to) {
  read_number(option, given, "a whole number that is not negative", to);
}
void read_value(std::string_view option, const std::string& given, double& to) {
  if (const size_t slash = given.find('/'); slash != std::string::npos) {  // 1/255
    double over = 0;
    read_number(option, given.substr(0, slash), "a number", to);
    read_number(option, given.substr(slash + 1), "a number", over);
    to /= over;
  } else {
    read_number(option, given, "a number", to);
  }
  require(std::isfinite(to), option, " expects a finite number, and was given '", printable(given), "'");
}

}  // namespace cornu::app
