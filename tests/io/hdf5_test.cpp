// HDF5: files of h5py read, own files read back, hostile ones refused.
#include <doctest/doctest.h>

#include <cmath>

#include "cornu/io/file.h"
#include "cornu/io/hdf5_read.h"
#include "cornu/io/hdf5_write.h"
#include "cornu/io/inflate.h"

using namespace cornu;

namespace {

Hdf5File open(Bytes bytes, const LoadLimits& limits = {}) {
  const auto owner = std::make_shared<const Bytes>(std::move(bytes));
  Budget budget(limits, owner->size());
  return Hdf5File(*owner, owner, budget);
}
Hdf5File fixture(const std::string& name) { return open(read_file(std::string(CORNU_SOURCE_DIR) + "/tests/io/fixtures/" + name)); }

/// Element i is i / 2, as make_fixtures.py writes.
bool is_halves(const Tensor& t) {
  for (int64_t i = 0; i < t.size(); ++i)
    if (t.at(i) != (is_float(t.dtype()) ? static_cast<double>(i) / 2 : static_cast<double>(i / 2))) return false;
  return t.size() > 0;
}

template <class E> void check_refused(const std::string& name, const char* why) {
  CAPTURE(name);
  CHECK_THROWS_WITH_AS(fixture(name), doctest::Contains(why), E);
}

}  // namespace

TEST_CASE("every type that h5py writes and tensors have is read") {
  const Hdf5File f = fixture("types.h5");
  const auto read_as = [&](const char* name, DType dtype) {
    CAPTURE(name);
    REQUIRE(f.find(name));
    CHECK(f.find(name)->dtype == dtype);
    const Tensor t = f.read(name);
    CHECK(t.dtype() == dtype);
    CHECK(is_halves(t));
  };
  for (const char* name : {"f2", "f4"}) read_as(name, DType::float32);
  read_as("f8", DType::float64);
  for (const char* name : {"i1", "i2", "i4", "u2"}) read_as(name, DType::int32);
  for (const char* name : {"i8", "u4"}) read_as(name, DType::int64);
  read_as("u1", DType::uint8);
  read_as("bf16", DType::bfloat16);
  CHECK(f.read("bool") == Tensor(Shape{3}, std::vector<bool>{true, false, true}));
  CHECK(f.read("scalar") == Tensor::scalar(0.5f));
  CHECK(f.read("empty").shape() == Shape{0, 4});
  CHECK(f.read("negative") == Tensor(Shape{2}, std::vector<int32_t>{-1, -128}));
  const Tensor halves = f.read("halves");
  CHECK(halves.at(0) == 0x1p-24);
  CHECK(halves.at(1) == 1023 * 0x1p-24);
  CHECK(halves.at(2) == 65504);
  CHECK(halves.at(3) == -INFINITY);
  CHECK(std::isnan(halves.at(4)));
  CHECK(std::signbit(halves.at(5)));
  CHECK_THROWS_AS(f.read("nothing"), ArgumentError);
  CHECK_THROWS_AS(f.read(""), ArgumentError);
}

TEST_CASE("newer structures are read: superblock 3, object headers 2, link messages") {
  const Hdf5File f = fixture("types_latest.h5");
  CHECK(is_halves(f.read("g/f4")));
  CHECK(is_halves(f.read("g/i8")));
  CHECK(f.attribute("g", "name") == "compact links");
}

TEST_CASE("links in a fractal heap are refused, with the way out") {
  check_refused<UnsupportedError>("dense_links.h5", "Save the file with h5py's default libver");
}

TEST_CASE("groups whose B-tree has several levels are read whole") {
  const Bytes packed = read_file(std::string(CORNU_SOURCE_DIR) + "/tests/io/fixtures/many.h5.gz");
  Budget budget({}, packed.size());
  const Hdf5File f = open(inflate(packed, 1 << 20, 31, budget));
  CHECK(f.objects().size() == 303);
  CHECK(is_halves(f.read("layers/dense_299/0")));
}

TEST_CASE("chunks, with every filter, holes and fill values") {
  const Hdf5File f = fixture("chunks.h5");
  for (const char* name : {"plain", "gzip", "all", "sum"}) {
    CAPTURE(name);
    CHECK(is_halves(f.read(name)));
  }
  const Tensor holes = f.read("holes");
  for (int64_t i = 0; i < 70; ++i) CHECK(holes.at(i) == (i < 35 ? static_cast<double>(i) / 2 : 0.25));
  CHECK(f.read("unwritten") == Tensor{0.25f, 0.25f, 0.25f});
}

TEST_CASE("text attributes, of any length or fixed, alone or in lists") {
  const Hdf5File f = fixture("attributes.h5");
  CHECK(f.attribute("", "text") == "caf\xc3\xa9");
  CHECK(f.attribute("", "fixed") == "fixed");
  CHECK(f.attribute("", "number") == std::nullopt);
  CHECK(f.attribute("", "none") == std::nullopt);
  for (const Hdf5Attribute& a : f.objects()[0].attributes)
    if (a.name == "list") CHECK(a.values == std::vector<std::string>{"a", "bc", ""});
}

TEST_CASE("what leads out of the file, or around in it, is refused") {
  check_refused<UnsafeError>("soft_link.h5", "soft link");
  check_refused<UnsafeError>("external_link.h5", "link");
  check_refused<UnsafeError>("external_link_latest.h5", "a link to another file");
  check_refused<UnsafeError>("external_storage.h5", "other files");
  check_refused<UnsafeError>("virtual.h5", "virtual");
  check_refused<UnsafeError>("reference.h5", "references");
  check_refused<FormatError>("hard_link.h5", "reached twice");
  check_refused<UnsupportedError>("committed.h5", "committed datatype");
  check_refused<UnsupportedError>("big_endian.h5", "big-endian");
}

TEST_CASE("a small file that declares gibibytes is refused before anything is allocated") {
  check_refused<LimitError>("bomb.h5", "needs 4294967296 bytes");
  check_refused<LimitError>("bomb_chunks.h5", "bytes; this load has");
}

TEST_CASE("own files come back equal, in every type and with as many entries as may be") {
  Hdf5Writer w;
  std::vector<Tensor> tensors;
  const Tensor base(Shape{2, 3}, std::vector<float>{0, 0.5f, 1, 1.5f, 2, 2.5f});
  for (const DType d : {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::int64, DType::uint8, DType::boolean}) tensors.push_back(base.cast(d));
  tensors.push_back(Tensor::scalar(0.5f));
  tensors.push_back(Tensor(DType::int64, Shape{0, 3}));
  for (size_t i = 0; i < tensors.size(); ++i) w.add_dataset(std::to_string(i), tensors[i]);
  for (int i = 0; i < 700; ++i) w.add_group("layers/dense_" + std::to_string(i), {{"name", "n" + std::to_string(i)}});
  w.add_group("e\xc3\xa9", {{"long", std::string(100'000, 'x')}, {"empty", ""}});
  const Hdf5File f = open(w.finish().joined());
  CHECK(f.objects().size() == 1 + tensors.size() + 702);
  for (size_t i = 0; i < tensors.size(); ++i) CHECK(f.read(std::to_string(i)) == tensors[i]);
  for (int i = 0; i < 700; ++i) CHECK(f.attribute("layers/dense_" + std::to_string(i), "name") == "n" + std::to_string(i));
  CHECK(f.attribute("e\xc3\xa9", "long")->size() == 100'000);
  CHECK(f.attribute("e\xc3\xa9", "empty") == "");
}

TEST_CASE("paths that a file cannot have are refused when writing") {
  Hdf5Writer w;
  w.add_dataset("a/0", Tensor{1});
  for (const char* path : {"", "a", "a/0", "a/0/b", "/a", "b/", "b//c", "..", "\xff"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(w.add_dataset(path, Tensor{1}), ArgumentError);
  }
}

TEST_CASE("an image's scale is applied when it is written") {
  Hdf5Writer w;
  w.add_dataset("a", Tensor(Shape{2}, std::vector<uint8_t>{0, 255}).with_scale(1.0 / 255));
  CHECK(open(w.finish().joined()).read("a") == Tensor{0, 1});
}

TEST_CASE("numbers inside names count as numbers when siblings are ordered") {
  CHECK(natural_less("2", "10"));
  CHECK(natural_less("dense_2", "dense_10"));
  CHECK(natural_less("dense", "dense_1"));
  CHECK_FALSE(natural_less("10", "2"));
  CHECK_FALSE(natural_less("a", "a"));
}
