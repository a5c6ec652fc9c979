#include "cornu/data/sequences.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cornu/base/error.h"
#include "cornu/base/random.h"

namespace cornu {

Tensor to_categorical(const Tensor& labels, int64_t classes) {
  const Tensor numbers = labels.cast(DType::int64);
  const auto from = numbers.values<int64_t>();
  if (classes == 0 && !from.empty()) classes = std::max<int64_t>(*std::max_element(from.begin(), from.end()), 0) + 1;
  require(classes > 0, "to_categorical needs a positive number of classes, and was given ", classes);
  const Shape& in = labels.shape();
  Tensor rows(DType::float32, (in.rank() > 1 && in.dim(-1) == 1 ? in.drop_back() : in) + Shape{classes});
  const auto to = rows.mutable_values<float>();
  for (size_t i = 0; i < from.size(); ++i) {
    require(from[i] >= 0 && from[i] < classes, "to_categorical: label ", i, " is ", from[i], ", which is no class from 0 to ", classes - 1);
    to[i * static_cast<size_t>(classes) + static_cast<size_t>(from[i])] = 1;
  }
  return rows;
}

namespace {

template <class T> Tensor pad_rows(const std::vector<std::vector<T>>& sequences, const PadOptions& options) {
  for (const std::string& where : {options.padding, options.truncating})
    require(where == "pre" || where == "post", "pad_sequences: padding and truncating are 'pre' or 'post', and one was given as '", printable(where), "'");
  size_t length = 0;
  for (const auto& s : sequences) length = std::max(length, s.size());
  if (options.maxlen) {
    require(*options.maxlen > 0, "pad_sequences: maxlen must be positive, and was given as ", *options.maxlen);
    length = static_cast<size_t>(*options.maxlen);
  }
  std::vector<T> numbers(sequences.size() * length, static_cast<T>(options.value));
  for (size_t i = 0; i < sequences.size(); ++i) {
    const auto& s = sequences[i];
    const size_t n = std::min(length, s.size());
    const size_t first = options.truncating == "pre" ? s.size() - n : 0, at = options.padding == "pre" ? length - n : 0;
    std::copy_n(s.begin() + static_cast<std::ptrdiff_t>(first), n, numbers.begin() + static_cast<std::ptrdiff_t>(i * length + at));
  }
  return Tensor(Shape{static_cast<int64_t>(sequences.size()), static_cast<int64_t>(length)}, numbers).cast(options.dtype);
}

}  // namespace

Tensor pad_sequences(const std::vector<std::vector<int64_t>>& sequences, const PadOptions& options) { return pad_rows(sequences, options); }
Tensor pad_sequences(const std::vector<std::vector<double>>& sequences, const PadOptions& options) { return pad_rows(sequences, options); }

Tensor take_rows(const Tensor& tensor, const std::vector<int64_t>& rows) {
  Shape shape = tensor.shape();
  require<ShapeError>(shape.rank() > 0, "one number has no rows to take");
  const int64_t there = shape[0];
  shape[0] = static_cast<int64_t>(rows.size());
  Tensor taken = Tensor(tensor.dtype(), shape).with_scale(tensor.scale());
  const size_t bytes = there ? tensor.bytes() / static_cast<size_t>(there) : 0;
  auto* to = static_cast<std::byte*>(taken.mutable_data());
  for (size_t i = 0; i < rows.size(); ++i) {
    require(rows[i] >= 0 && rows[i] < there, "row ", rows[i], " was asked for of ", there);
    std::memcpy(to + i * bytes, static_cast<const std::byte*>(tensor.data()) + static_cast<size_t>(rows[i]) * bytes, bytes);
  }
  return taken;
}

Samples timeseries_dataset_from_array(const Tensor& data, const std::optional<Tensor>& targets, const WindowOptions& options) {
  require<ShapeError>(data.shape().rank() > 0 && data.shape()[0] > 0, "a time series is [steps, ...], and was given as ", data.shape());
  const int64_t steps = data.shape()[0], start = options.start_index.value_or(0), end = options.end_index.value_or(steps);
  const std::string who = "timeseries_dataset_from_array";
  for (const auto& [value, what] : {std::pair(options.sequence_length, "sequence_length"), std::pair(options.sequence_stride, "sequence_stride"), std::pair(options.sampling_rate, "sampling_rate")})
    require(value > 0, who, ": ", what, " must be positive, and was given as ", value);
  require(start >= 0 && start < end && end <= steps, who, ": of ", steps, " steps, [", start, ", ", end, ") were asked for");
  if (targets) require<ShapeError>(targets->shape().rank() > 0, who, ": targets are [steps, ...], and were given as ", targets->shape());
  int64_t count = end - start - (options.sequence_length - 1) * options.sampling_rate;
  if (targets) count = std::min({count, targets->shape()[0], targets->shape()[0] - start});
  require(count > 0, who, ": ", end - start, " steps hold no window of ", options.sequence_length, " elements, ", options.sampling_rate, " steps apart",
          targets ? text(", with targets for ", targets->shape()[0], " steps") : "");
  std::vector<int64_t> elements, first;
  for (int64_t at = start; at < start + count; at += options.sequence_stride) {
    first.push_back(at);
    for (int64_t k = 0; k < options.sequence_length; ++k) elements.push_back(at + k * options.sampling_rate);
  }
  Samples samples;
  samples.x = {take_rows(data, elements).reshaped(Shape{static_cast<int64_t>(first.size()), options.sequence_length} + data.shape().drop_front())};
  if (targets) samples.y = {take_rows(*targets, first)};
  return samples;
}

std::pair<std::vector<int64_t>, std::vector<int64_t>> split_rows(int64_t n, double left, const SplitOptions& options) {
  const auto in_left = static_cast<int64_t>(std::nearbyint(left < 1 ? left * static_cast<double>(n) : left));
  require(left > 0 && in_left > 0 && in_left < n, "split_dataset: ", left, " leaves one part of ", n, " samples empty");
  std::pair<std::vector<int64_t>, std::vector<int64_t>> parts;
  const Permutation order(static_cast<uint64_t>(n), options.seed, 0);
  for (int64_t i = 0; i < n; ++i) (i < in_left ? parts.first : parts.second).push_back(options.shuffle ? static_cast<int64_t>(order(static_cast<uint64_t>(i))) : i);
  return parts;
}

std::pair<Samples, Samples> split_dataset(const Samples& samples, double left, const SplitOptions& options) {
  const auto [first, second] = split_rows(samples.rows(), left, options);
  const auto part = [&samples](const std::vector<int64_t>& rows) {
    Samples taken;
    for (const Tensor& t : samples.x) taken.x.push_back(take_rows(t, rows));
    for (const Tensor& t : samples.y) taken.y.push_back(take_rows(t, rows));
    for (const Tensor& t : samples.sample_weight) taken.sample_weight.push_back(take_rows(t, rows));
    return taken;
  };
  return {part(first), part(second)};
}

}  // namespace cornu
