// Labels and sequences made ready for a model: one-hot rows, padding, windows of a time series, and parts of a data set.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cornu/data/samples.h"

namespace cornu {

/// float32 [..., classes] with a 1 at each label; a last axis of one label is dropped. Without `classes` there are as many as the
/// largest label asks for. Throws ArgumentError for a label outside [0, classes).
Tensor to_categorical(const Tensor& labels, int64_t classes = 0);

struct PadOptions {
  std::optional<int64_t> maxlen = {};  // default: of the longest
  DType dtype = DType::int32;
  std::string padding = "pre";         // where `value` is put: before or after ("post")
  std::string truncating = "pre";      // where a longer sequence is cut
  double value = 0;
};
/// Sequences of different lengths as rows of one length: [sequences, maxlen].
Tensor pad_sequences(const std::vector<std::vector<int64_t>>& sequences, const PadOptions& options = {});
Tensor pad_sequences(const std::vector<std::vector<double>>& sequences, const PadOptions& options);

struct WindowOptions {
  int64_t sequence_length = 1;
  int64_t sequence_stride = 1;  // steps between the starts of two windows
  int64_t sampling_rate = 1;    // steps between two elements of a window
  std::optional<int64_t> start_index = {}, end_index = {};  // only data[start_index, end_index) is used
};
/// Windows of `data` [steps, ...]: x [windows, sequence_length, ...], and with targets y [windows, ...], that of each window's first
/// step; to forecast n steps ahead of a window, hand over the targets from sequence_length - 1 + n on. In order.
Samples timeseries_dataset_from_array(const Tensor& data, const std::optional<Tensor>& targets, const WindowOptions& options);

struct SplitOptions {
  bool shuffle = false;
  uint64_t seed = 0;
};
/// Two parts: the first has round(left * n) of n samples when left < 1, else `left` samples. Throws ArgumentError if one is empty.
std::pair<Samples, Samples> split_dataset(const Samples& samples, double left, const SplitOptions& options = {});
/// Which rows of n each part has, in their order.
std::pair<std::vector<int64_t>, std::vector<int64_t>> split_rows(int64_t n, double left, const SplitOptions& options = {});
/// Those rows of a tensor, in that order.
Tensor take_rows(const Tensor& tensor, const std::vector<int64_t>& rows);

}  // namespace cornu
