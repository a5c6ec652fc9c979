#include "trap.h"

using namespace cornu;

std::vector<Trap> json_traps() {
  std::vector<Trap> traps;
  const auto add = [&](std::string name, Expect expect, std::string_view s) { traps.push_back({"json: " + name, Format::json, expect, bytes_of_text(s)}); };
  const auto repeat = [](std::string_view s, int n) {
    std::string all;
    for (int i = 0; i < n; ++i) all += s;
    return all;
  };
  add("nothing", Expect::format, "");
  add("a million lists", Expect::limit, repeat("[", 1'000'000));
  add("a million dicts", Expect::limit, repeat("{\"a\":", 1'000'000));
  add("closing brackets alone", Expect::format, repeat("]", 100'000));
  add("a key twice", Expect::format, R"({"class_name": "Dense", "class_name": "Lambda"})");
  add("a key twice, once escaped", Expect::format, R"({"a": 1, "\u0061": 2})");
  add("an integer of 65 bits", Expect::format, "18446744073709551616");
  add("an integer of a million digits", Expect::format, repeat("9", 1'000'000));
  add("a float beyond doubles", Expect::format, "1e400");
  add("a lone high surrogate", Expect::format, R"("\ud800")");
  add("surrogates swapped", Expect::format, R"("\udc00\ud800")");
  add("a byte that is not UTF-8", Expect::format, "\"\xff\"");
  add("an overlong slash", Expect::format, "\"\xc0\xaf\"");
  add("a NUL in a string", Expect::format, {"\"a\0b\"", 5});
  add("a NUL after the end", Expect::format, {"{}\0", 3});
  add("a string without end", Expect::format, "\"" + repeat("a", 100'000));
  add("a string of 17 MiB", Expect::limit, "\"" + repeat("aaaaaaaaaaaaaaaa", 17 << 16) + "\"");
  add("three million numbers", Expect::limit, "[0" + repeat(",0", 3'000'000) + "]");
  add("a million empty dicts", Expect::limit, "[{}" + repeat(",{}", 1'000'000) + "]");
  add("a comment", Expect::format, "{} // c");
  add("two documents", Expect::format, "{}{}");
  add("Python's True", Expect::format, "True");
  add("half an escape at the end", Expect::format, "\"\\u00");
  return traps;
}
