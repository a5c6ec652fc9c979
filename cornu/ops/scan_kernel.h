// How a scan runs. Private to Scan.
#pragma once
#include "cornu/ops/ops.h"

namespace cornu {

/// The loop, its body compiled. Where the body treats the rows of a batch apart, slices of 16 rows or more run side by side.
Kernel scan_kernel(const Scan& scan, const KernelRequest& request);

/// The body of a scan for `to` instead of `from` rows, where rows are the first axis of the carried values and of the slices;
/// nothing where a row's result depends on other rows. `captured_rows` says, for each captured input, whether it too is cut.
struct RowsBody {
  std::shared_ptr<const Graph> body;
  std::vector<bool> captured_rows;
};
std::optional<RowsBody> body_for_rows(const Graph& body, int64_t carried, int64_t sequences, int64_t from, int64_t to);

}  // namespace cornu
