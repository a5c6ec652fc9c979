// Uses the installed library as a stranger would: its headers, its archive, its errors.
#include <cornu/base/error.h>
#include <cornu/tensor/tensor.h>
#include <cornu/callbacks/callbacks.h>

#include <iostream>

int main() {
  const cornu::Tensor x{{1, 2}, {3, 4}};
  const cornu::Callback stopping = cornu::EarlyStopping{.patience = 3};
  try {
    x.reshaped({3, 3});
  } catch (const cornu::Error& error) {
    std::cout << cornu::text(x) << '\n' << stopping.as<cornu::EarlyStopping>()->patience << '\n' << error.what() << '\n';
    return 0;
  }
  return 1;
}
