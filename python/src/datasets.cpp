// Data sets that C++ reads.
#include "bind.h"

namespace cornu::python {

void bind_datasets(nb::module_& m) {
  m.def(
      "fashion_mnist",
      [](const std::string& directory) {
        Dataset data;
        {
          const nb::gil_scoped_release free;
          data = datasets::fashion_mnist(directory);
        }
        // Pixels as they are in the files: in Python they are scaled by who uses them.
        const auto pixels = [](const Tensor& x) { return to_numpy(x.with_scale(1)); };
        return nb::make_tuple(pixels(data.train.x), to_numpy(data.train.y), pixels(data.test.x), to_numpy(data.test.y));
      },
      nb::arg("directory") = "", "x_train, y_train, x_test, y_test of Fashion-MNIST in `directory`, or where it is by default.");
}

}  // namespace cornu::python
