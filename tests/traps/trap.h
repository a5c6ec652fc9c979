// Hostile files, made by code: each has a name, its bytes, and the kind of error that it must give.
#pragma once
#include <string>
#include <vector>

#include "cornu/io/bytes.h"

enum class Format { json, zip, keras, hdf5 };
enum class Expect { format, limit, unsafe, unsupported };

struct Trap {
  std::string name;
  Format format;
  Expect expect;
  cornu::Bytes bytes;
};

std::vector<Trap> json_traps();
std::vector<Trap> zip_traps();
std::vector<Trap> hdf5_traps();

/// A copy of `bytes` with `value` written, little-endian, at `at`.
template <class T> cornu::Bytes patched(cornu::Bytes bytes, size_t at, T value) {
  cornu::Bytes little;
  cornu::store_le(little, value);
  for (size_t i = 0; i < little.size(); ++i) bytes.at(at + i) = little[i];
  return bytes;
}
/// Where `what` stands for the `nth` time, from 0.
inline size_t place_of(const cornu::Bytes& bytes, std::string_view what, int nth = 0) {
  size_t at = cornu::text_of(bytes).find(what);
  while (nth-- > 0 && at != std::string_view::npos) at = cornu::text_of(bytes).find(what, at + 1);
  cornu::ensure(at != std::string_view::npos, "the trap's base has no '", what, "'");
  return at;
}
inline cornu::Bytes bytes_of_text(std::string_view s) { return {cornu::view_of(s).begin(), cornu::view_of(s).end()}; }
