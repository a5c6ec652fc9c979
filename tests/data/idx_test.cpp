#include "cornu/data/idx.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstring>
#include <vector>

#include "cornu/base/error.h"
#include "temporary.h"

using namespace cornu;
using namespace std::string_literals;

namespace {

/// Big-endian, as IDX has it.
template <class T>
std::string big(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return {bytes.rbegin(), bytes.rend()};
}

std::string header(char type, std::vector<uint32_t> sizes) {
  std::string bytes{'\0', '\0', type, static_cast<char>(sizes.size())};
  for (const uint32_t s : sizes) bytes += big(s);
  return bytes;
}

}  // namespace

TEST_CASE("IDX files of every type are read, gzipped or not") {
  const TemporaryDirectory folder;
  struct Case {
    std::string bytes;
    Tensor expected;
  };
  const std::vector<Case> cases = {
      {header(8, {2, 3}) + "\x00\x01\x02\x7f\x80\xff"s, Tensor({2, 3}, std::vector<uint8_t>{0, 1, 2, 127, 128, 255})},
      {header(9, {3}) + "\x01\xff\x80"s, Tensor({3}, std::vector<int32_t>{1, -1, -128})},
      {header(11, {2}) + big(int16_t{-2}) + big(int16_t{300}), Tensor({2}, std::vector<int32_t>{-2, 300})},
      {header(12, {2}) + big(int32_t{-70000}) + big(int32_t{5}), Tensor({2}, std::vector<int32_t>{-70000, 5})},
      {header(13, {2}) + big(1.5f) + big(-0.1f), Tensor({2}, std::vector<float>{1.5f, -0.1f})},
      {header(14, {1, 2}) + big(1e300) + big(-2.0), Tensor({1, 2}, std::vector<double>{1e300, -2})},
      {header(8, {}) + "\x07"s, Tensor(Shape{}, std::vector<uint8_t>{7})},
      {header(8, {0, 28}), Tensor(DType::uint8, {0, 28})},
      {header(8, {1, 1, 1, 1, 1, 1, 1, 2}) + "ab"s, Tensor({1, 1, 1, 1, 1, 1, 1, 2}, std::vector<uint8_t>{97, 98})},
  };
  for (const Case& c : cases) {
    CAPTURE(printable(c.bytes));
    CHECK(read_idx(folder.write("a", c.bytes)) == c.expected);
    CHECK(read_idx(folder.write("a", gzip(c.bytes))) == c.expected);
    const size_t half = c.bytes.size() / 2;
    CHECK(read_idx(folder.write("a", gzip(c.bytes.substr(0, half)) + gzip("") + gzip(c.bytes.substr(half)))) == c.expected);
  }
}

TEST_CASE("a long IDX file crosses every buffer") {
  const TemporaryDirectory folder;
  std::vector<int32_t> values(300000);
  std::string bytes = header(12, {3, 100000});
  for (size_t i = 0; i < values.size(); ++i) bytes += big(values[i] = static_cast<int32_t>(i * 2654435761u));
  const Tensor expected({3, 100000}, values);
  CHECK(read_idx(folder.write("a", bytes)) == expected);
  CHECK(read_idx(folder.write("a", gzip(bytes))) == expected);
}

TEST_CASE("an IDX file cut anywhere is refused, gzipped or not") {
  const TemporaryDirectory folder;
  const std::string whole = header(11, {2, 3}) + "abcdefghijkl", packed = gzip(whole);
  for (size_t n = 0; n < whole.size(); ++n) CHECK_THROWS_AS(read_idx(folder.write("a", whole.substr(0, n))), FormatError);
  for (size_t n = 0; n < packed.size(); ++n) CHECK_THROWS_AS(read_idx(folder.write("a", packed.substr(0, n))), FormatError);
  CHECK_THROWS_AS(read_idx(folder.write("a", whole + "x")), FormatError);
}

TEST_CASE("a gzipped IDX file with any bit flipped is refused or means the same") {
  const TemporaryDirectory folder;
  const std::string whole = header(8, {4}) + "abcd", packed = gzip(whole);
  const Tensor expected({4}, std::vector<uint8_t>{'a', 'b', 'c', 'd'});
  int refused = 0;
  for (size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    try {
      const Tensor read = read_idx(folder.write("a", damaged));  // the gzip header's time and system may change
      CHECK(read == expected);
    } catch (const FormatError&) {
      ++refused;
    }
  }
  CHECK(refused > static_cast<int>(packed.size()) * 4);
}

TEST_CASE("hostile IDX files are refused with the reason") {
  const TemporaryDirectory folder;
  const std::string good = header(8, {2, 3}) + "abcdef";
  struct Case {
    std::string bytes, reason;
  };
  const std::vector<Case> cases = {
      {"", "it holds 0 bytes"},
      {"\0\0\x08"s, "it holds 3 bytes"},
      {"\x89PNG"s, "does not begin as IDX does, with the bytes 0 0 type rank; found 137 80 78 71"},
      {"\0\x01\x08\x01"s, "found 0 1 8 1"},
      {"\0\0\x0a\x01"s + big(1u), "unknown type 10"},
      {"\0\0\0\x01"s + big(1u), "unknown type 0"},
      {"\0\0\x08\x09"s + std::string(36, '\1'), "has 9 axes; at most 8 are read"},
      {"\0\0\x08\xff"s + std::string(2000, '\1'), "has 255 axes"},
      {"\0\0\x08\x03\0\0"s, "ends within its header: 16 bytes expected, 6 found"},
      {header(8, {2, 4}) + "abcdef", "of shape [2, 4]: 20 bytes expected, 18 found; the copy or download was interrupted?"},
      {header(8, {2, 2}) + "abcdef", "of shape [2, 2]: 16 bytes expected, 18 found"},
      {header(12, {2}) + "abcd", "16 bytes expected, 12 found"},
      {header(8, {65536, 65536, 65536, 65536}) + "a", "which no file can hold"},
      {header(8, {65536, 65536, 65536, 65537}) + "a", "which no file can hold"},
      {header(14, {0xffffffff, 0x20000}) + "a", "which no file can hold"},
      {header(8, {0xffffffff, 0xffffffff, 0xffffffff, 0}), "which no file can hold"},
      {header(8, {0xffffffff}) + "a", "4294967303 bytes expected, 9 found"},
      {gzip(header(8, {2, 4}) + "abcdef"), "of shape [2, 4]: 20 bytes expected, 18 found"},
      {gzip(good + "g"), "of shape [2, 3]: 18 bytes expected, more found"},
      {gzip(good) + gzip("g"), "18 bytes expected, more found"},
      {gzip(good) + "tail", "its gzip stream is wrong"},
      {gzip(good) + std::string(10, '\0'), "its gzip stream is wrong"},
      {gzip(good) + gzip("").substr(0, 9), "ends within its gzip stream"},
      {gzip(""), "it holds 0 bytes"},
      {gzip(header(8, {0xffffffff}) + "a"), "4294967303 bytes expected, from a gzip file of"},
      {gzip(header(8, {1u << 30}) + "a"), "DataLimits::compression_ratio raises the limit"},
      {"\x1f\x8b"s, "ends within its gzip stream, after 2 bytes"},
      {"\x1f\x8b\x09\0\0\0\0\0\0\0\0\0"s, "its gzip stream is wrong"},
  };
  for (const Case& c : cases) {
    const std::string path = folder.write("a.idx", c.bytes);
    const std::string said = text_of_error<FormatError>([&] { read_idx(path); });
    CAPTURE(c.reason);
    CAPTURE(said);
    CHECK(said.find(c.reason) != said.npos);
    CHECK(said.find(path) != said.npos);
  }
}

TEST_CASE("a gzip bomb is refused before it goes off") {
  const TemporaryDirectory folder;
  const std::string zeros = header(8, {4u << 20}) + std::string(4u << 20, '\0');  // packs to a thousandth
  const std::string path = folder.write("a", gzip(zeros));
  CHECK_THROWS_AS(read_idx(path), LimitError);
  CHECK(read_idx(path, {.compression_ratio = 2000}).size() == 4 << 20);
  CHECK_THROWS_WITH_AS(
      read_idx(path, {.memory_bytes = 1000, .compression_ratio = 2000}),
      text("IDX file '", path,
           "' of shape [4194304] needs 4194304 bytes of memory, above the limit of 1000 (DataLimits::memory_bytes)")
          .c_str(),
      LimitError);
}

TEST_CASE("what is no readable file is an IoError that says so") {
  const TemporaryDirectory folder;
  CHECK_THROWS_WITH_AS(read_idx(folder.path("none")),
                       text("cannot open '", folder.path("none"), "': No such file or directory").c_str(), IoError);
  CHECK_THROWS_WITH_AS(read_idx(folder.path()), text("cannot read '", folder.path(), "': it is a directory").c_str(), IoError);
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(read_idx(folder.path("fifo")),
                       text("cannot read '", folder.path("fifo"), "': it is no regular file").c_str(), IoError);
}
