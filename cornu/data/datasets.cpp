#include "cornu/data/datasets.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "cornu/base/error.h"
#include "cornu/data/idx.h"

namespace cornu::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view debian = "/usr/share/datasets/fashion-mnist";

/// The path of `name` or `name`.gz in `directory`, or "" if neither is there.
std::string find_in(const fs::path& directory, const std::string& name) {
  std::error_code unreadable;  // counts as absent
  for (const std::string& file : {name + ".gz", name})
    if (fs::exists(directory / file, unreadable)) return directory / file;
  return "";
}

std::string find(const std::string& directory, const std::string& from, const std::string& name) {
  for (const fs::path& place : {fs::path(directory), fs::path(directory) / "fashion-mnist"})
    if (std::string path = find_in(place, name); !path.empty()) return path;
  throw IoError(text("Fashion-MNIST: no ", name, ".gz in '", printable(directory), "' (", from,
                     "). Install it with `apt-get install dataset-fashion-mnist`, ",
                     "or set CORNU_DATA to the directory that holds the four files"));
}

Split read_split(const std::string& directory, const std::string& from, const std::string& part, int64_t count) {
  const std::string images = find(directory, from, part + "-images-idx3-ubyte"),
                    labels = find(directory, from, part + "-labels-idx1-ubyte");
  const auto check = [](const Tensor& t, const std::string& path, const Shape& shape) {
    require<FormatError>(t.dtype() == DType::uint8 && t.shape() == shape, "'", printable(path), "' is not Fashion-MNIST's: uint8",
                         shape, " expected, ", t.dtype(), t.shape(), " found");
  };
  Split split{read_idx(images).with_scale(1.0 / 255), read_idx(labels)};
  check(split.x, images, {count, 28, 28});
  check(split.y, labels, {count});
  const auto classes = split.y.values<uint8_t>();
  require<FormatError>(std::all_of(classes.begin(), classes.end(), [](uint8_t c) { return c < 10; }), "'", printable(labels),
                       "' holds a label above 9");
  return split;
}

}  // namespace

Dataset fashion_mnist(const std::string& directory) {
  std::string place = directory, from = "the directory asked for";
  if (const char* set = std::getenv("CORNU_DATA"); place.empty() && set && *set) place = set, from = "from CORNU_DATA";
  if (place.empty()) place = debian, from = "where Debian's package puts it";
  return {read_split(place, from, "train", 60000), read_split(place, from, "t10k", 10000)};
}

}  // namespace cornu::datasets
