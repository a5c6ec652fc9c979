#include "cornu/data/datasets.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "cornu/base/error.h"
#include "temporary.h"

using namespace cornu;
using namespace std::string_literals;

namespace {

/// Fashion-MNIST's form without its pictures; only the labels are zipped.
void write_blank(const TemporaryDirectory& folder, const std::string& in) {
  folder.write(in + "train-images-idx3-ubyte", "\0\0\x08\x03\0\0\xEA\x60\0\0\0\x1C\0\0\0\x1C"s + std::string(60000 * 784, '\1'));
  folder.write(in + "train-labels-idx1-ubyte.gz", gzip("\0\0\x08\x01\0\0\xEA\x60"s + std::string(60000, '\x09')));
  folder.write(in + "t10k-images-idx3-ubyte", "\0\0\x08\x03\0\0\x27\x10\0\0\0\x1C\0\0\0\x1C"s + std::string(10000 * 784, '\2'));
  folder.write(in + "t10k-labels-idx1-ubyte.gz", gzip("\0\0\x08\x01\0\0\x27\x10"s + std::string(10000, '\x03')));
}

}  // namespace

TEST_CASE("Fashion-MNIST is found in the directory that is given, in its folder, and where CORNU_DATA says") {
  const TemporaryDirectory folder;
  write_blank(folder, "fashion-mnist/");
  const Dataset given = datasets::fashion_mnist(folder.path("fashion-mnist"));
  CHECK(given.train.x.shape() == Shape{60000, 28, 28});
  CHECK(given.train.x.dtype() == DType::uint8);
  CHECK(given.train.x.scale() == 1.0 / 255);
  CHECK(given.train.y.at(59999) == 9);
  CHECK(given.test.x.shape() == Shape{10000, 28, 28});
  CHECK(given.test.y.at(0) == 3);
  CHECK(datasets::fashion_mnist(folder.path()).test.x == given.test.x);

  REQUIRE(setenv("CORNU_DATA", folder.path().c_str(), 1) == 0);
  CHECK(datasets::fashion_mnist().test.x == given.test.x);
  REQUIRE(setenv("CORNU_DATA", folder.path("elsewhere").c_str(), 1) == 0);
  const std::string said = text_of_error<IoError>([] { datasets::fashion_mnist(); });
  unsetenv("CORNU_DATA");
  CHECK(said == text("Fashion-MNIST: no train-images-idx3-ubyte.gz in '", folder.path("elsewhere"),
                     "' (from CORNU_DATA). Install it with `apt-get install dataset-fashion-mnist`, or set CORNU_DATA to the "
                     "directory that holds the four files"));
}

TEST_CASE("other files under Fashion-MNIST's names are refused") {
  const TemporaryDirectory folder;
  folder.write("train-images-idx3-ubyte", "\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01z"s);
  folder.write("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\x01\x01"s);
  const std::string said = text_of_error<FormatError>([&] { datasets::fashion_mnist(folder.path()); });
  CHECK(said == text("'", folder.path("train-images-idx3-ubyte"),
                     "' is not Fashion-MNIST's: uint8[60000, 28, 28] expected, uint8[1, 1, 1] found"));
}
