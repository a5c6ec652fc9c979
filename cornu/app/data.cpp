#include "cornu/app/data.h"

#include <algorithm>

#include "cornu/data/csv.h"
#include "cornu/data/idx.h"

namespace cornu::app {
namespace {

constexpr std::string_view fashion = "fashion-mnist";

Data fashion_mnist(const DataOptions& options, Part part) {
  constexpr std::string_view known[] = {fashion};
  require(options.data == fashion, "--data: there is no data set '", printable(options.data), "'", did_you_mean(options.data, known), "; there is fashion-mnist, and --x, --y or --csv read files");
  Dataset all = datasets::fashion_mnist(options.directory);
  Split& split = part == Part::train ? all.train : all.test;
  const auto& names = datasets::fashion_mnist_classes;
  return {std::move(split.x), std::move(split.y), {names.begin(), names.end()}, std::string(fashion)};
}

Data from_csv(const std::string& path, const DataOptions& options, bool labels) {
  require(!labels || !options.label.empty(), "--csv ", path, ": which column holds the labels? Name it with --label");
  Csv csv = read_csv(path, {.label_column = options.label, .ignore_columns = options.ignore});
  Data data{std::move(csv.x), {}, std::move(csv.class_names), path};
  if (!options.label.empty()) data.y = std::move(csv.y);
  return data;
}

Data from_idx(const std::string& x, const std::string& y) {
  Data data{read_idx(x), {}, {}, x};
  if (!y.empty()) data.y = read_idx(y);
  if (data.y)
    require<ShapeError>(data.x.shape().rank() > 0 && data.y->shape().rank() > 0 && data.x.shape()[0] == data.y->shape()[0], "--x ", x, " has shape ", data.x.shape(), " and --y ", y, " has shape ",
                        data.y->shape(), ": there must be one label for each sample");
  return data;
}

}  // namespace

void DataOptions::declare(Flags& flags) {
  flags.section("Data");
  flags.value("--data", data, "NAME", "a data set: fashion-mnist");
  flags.value("--data-dir", directory, "DIR", "where its files are; default: CORNU_DATA, else Debian's package dataset-fashion-mnist");
  flags.value("--x", x, "FILE", "samples in an IDX file, gzipped or not");
  flags.value("--y", y, "FILE", "their labels, the same");
  flags.value("--csv", csv, "FILE", "a table of numbers with a header, gzipped or not");
  flags.value("--label", label, "COLUMN", "the column of --csv that is to be predicted");
  flags.values("--ignore", ignore, 1000, "COLUMN...", "columns of --csv to leave out");
  flags.value("--scale", scale, "NUMBER", "multiplies what --x holds. Default for bytes: 1/255, unless the model has a Rescaling layer");
}

Data load_data(const DataOptions& o, Part part, bool labels) {
  const int sources = !o.data.empty() + (!o.x.empty() || !o.y.empty()) + !o.csv.empty();
  require(sources > 0, "there is nothing to work on: give --data fashion-mnist, or --x FILE", labels ? " --y FILE" : "", ", or --csv FILE", labels ? " --label COLUMN" : "");
  require(sources == 1, "--data, --x with --y, and --csv exclude each other; give one of them");
  require(o.y.empty() || !o.x.empty(), "--y names labels, but no --x names their samples");
  require(o.label.empty() || !o.csv.empty(), "--label names a column of --csv, which was not given");
  require(o.ignore.empty() || !o.csv.empty(), "--ignore names columns of --csv, which was not given");
  require(o.directory.empty() || !o.data.empty(), "--data-dir is for --data, which was not given");
  Data data;
  if (!o.data.empty()) data = fashion_mnist(o, part);
  else if (!o.csv.empty()) data = from_csv(o.csv, o, labels);
  else {
    require(!labels || !o.y.empty(), "--x ", o.x, ": the labels are missing; name their file with --y");
    data = from_idx(o.x, o.y);
  }
  require(data.x.shape().rank() > 0 && data.x.shape()[0] > 0, data.source, " holds no samples");
  return data;
}

Data load_files(const std::vector<std::string>& files, const DataOptions& options) {
  if (files.size() == 2) return from_idx(files[0], files[1]);
  require(!options.label.empty(), "--validation-data takes two IDX files, samples and labels, or one CSV file beside --csv and --label");
  return from_csv(files[0], options, true);
}

void scale_pixels(Data& data, const DataOptions& options, const std::vector<Layer>& layers) {
  if (options.scale) {
    data.x = data.x.dtype() == DType::uint8 ? data.x.with_scale(*options.scale) : data.x.cast(DType::float32);
    if (data.x.dtype() == DType::float32)
      for (float& v : data.x.mutable_values<float>()) v *= static_cast<float>(*options.scale);
    return;
  }
  const bool scaled = std::any_of(layers.begin(), layers.end(), [](const Layer& l) { return l.class_name() == Rescaling::class_name; });
  if (data.x.dtype() == DType::uint8) data.x = data.x.with_scale(scaled ? 1 : 1.0 / 255);
}

bool ends_in(const Model& model, std::string_view activation) {
  if (model.layers().empty()) return false;
  const Layer& last = model.layers().back();
  if (const auto* dense = last.as<Dense>()) return dense->activation.name() == activation;
  if (const auto* alone = last.as<layers::Activation>()) return alone->activation.name() == activation;
  return false;
}

}  // namespace cornu::app
