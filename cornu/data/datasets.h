// Data sets by name.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "cornu/tensor/tensor.h"

namespace cornu {

/// Samples and their labels, row by row.
struct Split {
  Tensor x, y;
};
/// What a model learns from, and what it is judged by.
struct Dataset {
  Split train, test;
};

namespace datasets {

/// Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017): 60,000 images to train with and 10,000 to test with. x: uint8 [n, 28, 28] with a
/// scale of 1/255, so that a model sees 0 to 1; y: uint8 [n], classes 0 to 9.
/// The four IDX files, gzipped or not, lie in `directory` or its folder fashion-mnist/. Without a directory that is the
/// environment variable CORNU_DATA, and without that, where Debian's package dataset-fashion-mnist puts it. Throws IoError,
/// saying how to get them, when they are missing; FormatError when they are not what they should be.
Dataset fashion_mnist(const std::string& directory = "");

/// What Fashion-MNIST's classes 0 to 9 show.
inline constexpr std::array<std::string_view, 10> fashion_mnist_classes = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

}  // namespace datasets
}  // namespace cornu
