// cornu predict
#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>

#include "cornu/app/command.h"
#include "cornu/app/data.h"
#include "cornu/app/output.h"

namespace cornu::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  The first five test images, their classes and probabilities:\n"
    "    cornu predict fashion.keras --data fashion-mnist --count 5\n"
    "  A line of JSON for each sample:\n"
    "    cornu predict m.keras --csv new.csv --json\n"
    "  A table that also holds the labels, which are shown beside:\n"
    "    cornu predict m.keras --csv houses.csv --label price\n"
    "  Labels that a CSV file spells out are numbered in alphabetical order;\n"
    "  --classes names them where the data do not:\n"
    "    cornu predict iris.keras --csv new.csv --classes setosa,versicolor,virginica\n";

constexpr int64_t most_columns = 10;

struct PredictFlags {
  std::string model, part = "test", classes;
  DataOptions data;
  std::optional<int64_t> count;
  int64_t batch_size = 32;
  bool json = false;
};

enum class Kind { classes, yes_or_no, numbers };

/// What the output of a model says about a sample.
struct Predictions {
  Tensor y;  // [samples, outputs]
  Kind kind = Kind::numbers;
  std::vector<std::string> names;
  std::optional<Tensor> labels;

  int64_t rows() const { return y.shape()[0]; }
  int64_t outputs() const { return y.shape()[1]; }
  double at(int64_t row, int64_t output) const { return y.at(row * outputs() + output); }
  int64_t best(int64_t row) const {
    if (kind == Kind::yes_or_no) return at(row, 0) > 0.5;
    int64_t best = 0;
    for (int64_t i = 1; i < outputs(); ++i)
      if (at(row, i) > at(row, best)) best = i;
    return best;
  }
  bool has_name(int64_t c) const { return c >= 0 && c < static_cast<int64_t>(names.size()); }
  std::string name(int64_t c) const { return has_name(c) ? names[static_cast<size_t>(c)] : std::to_string(c); }
};

std::string padded(std::string s, size_t width, bool left = false) {
  if (s.size() >= width) return s;
  return left ? s + std::string(width - s.size(), ' ') : std::string(width - s.size(), ' ') + s;
}

std::string number(const char* format, double value) {
  char digits[64];
  return std::snprintf(digits, sizeof digits, format, value), digits;
}

std::string one_json(const Predictions& p, int64_t row) {
  Config line = Config::dict();
  line.set("sample", row);
  Config::List values;
  for (int64_t i = 0; i < p.outputs(); ++i) values.push_back(p.at(row, i));
  if (p.kind == Kind::numbers) {
    line.set("values", std::move(values));
    if (p.labels) line.set("label", p.labels->at(row));
  } else {
    const int64_t best = p.best(row);
    line.set("class", best);
    if (p.has_name(best)) line.set("name", p.name(best));
    line.set("probabilities", std::move(values));
    if (p.labels) line.set("label", static_cast<int64_t>(p.labels->at(row)));
  }
  return json_line(line);
}

/// Widths that fit 80 columns for ten classes: sample, class, label, probabilities.
struct Table {
  const Predictions& p;
  size_t name_width = 5;

  explicit Table(const Predictions& predictions) : p(predictions) {
    for (int64_t c = 0; c < std::max<int64_t>(p.outputs(), 2); ++c) name_width = std::max(name_width, std::min<size_t>(p.name(c).size(), 14));
  }
  std::string head() const {
    std::string line = "sample";
    if (p.kind != Kind::numbers) line += "  " + padded("class", name_width, true);
    if (p.labels) line += p.kind == Kind::numbers ? padded("label", 12) : "  label";
    if (p.kind == Kind::numbers) {
      for (int64_t i = 0; i < std::min(p.outputs(), most_columns); ++i) line += padded(p.outputs() == 1 ? "value" : text("value ", i), 12);
    } else if (p.kind == Kind::yes_or_no || p.outputs() > most_columns) {
      line += "  probability";
    } else {
      for (int64_t i = 0; i < p.outputs(); ++i) line += padded(text("p", i), 5);
    }
    return line + "\n";
  }
  std::string row(int64_t r) const {
    std::string line = padded(std::to_string(r), 6);
    if (p.kind == Kind::numbers) {
      if (p.labels) line += padded(number("%.5g", p.labels->at(r)), 12);
      for (int64_t i = 0; i < std::min(p.outputs(), most_columns); ++i) line += padded(number("%.5g", p.at(r, i)), 12);
      return line + (p.outputs() > most_columns ? " ...\n" : "\n");
    }
    const int64_t best = p.best(r);
    line += "  " + padded(p.name(best).substr(0, name_width), name_width, true);
    if (p.labels) line += padded(std::to_string(static_cast<int64_t>(p.labels->at(r))), 7);
    if (p.kind == Kind::yes_or_no || p.outputs() > most_columns) {
      line += padded(number("%.4f", p.kind == Kind::yes_or_no ? p.at(r, 0) : p.at(r, best)), 13);
    } else {
      for (int64_t i = 0; i < p.outputs(); ++i) line += padded(number("%.2f", p.at(r, i)), 5);
    }
    return line + "\n";
  }
  /// What the columns mean.
  std::string key() const {
    if (p.kind == Kind::numbers) return "";
    if (p.kind == Kind::yes_or_no) return "probability: of class 1\n";
    if (p.outputs() > most_columns) return "probability: of that class; --json shows all\n";
    std::string line = "p0 to p" + std::to_string(p.outputs() - 1) + ": the probability of each class", list;
    for (int64_t c = 0; c < p.outputs() && !p.names.empty(); ++c) {
      const std::string item = text(c, " ", p.name(c), c + 1 < p.outputs() ? ", " : "");
      const size_t start = list.rfind('\n') == std::string::npos ? 0 : list.rfind('\n') + 1;
      if (list.size() - start + item.size() > 79) list += "\n";
      list += item;
    }
    return line + (list.empty() ? "\n" : "\n" + list + "\n");
  }
};

int predict(const PredictFlags& o) {
  constexpr std::string_view parts[] = {"test", "train"};
  require(o.part == "test" || o.part == "train", "--part is test or train, and was '", printable(o.part), "'", did_you_mean(o.part, parts));
  require(!o.count || *o.count > 0, "--count is one or more");
  Model model = from_file([&] { return load_model(o.model); });
  Data data = load_data(o.data, o.part == "train" ? Part::train : Part::test, false);
  scale_pixels(data, o.data, model.layers());
  if (o.count) data.x = data.x.rows(0, std::min(*o.count, data.x.shape()[0]));

  Predictions p;
  p.y = model.predict(data.x, {.batch_size = o.batch_size, .verbose = 0});
  p.y = p.y.reshaped({p.y.shape()[0], p.y.size() / p.y.shape()[0]});
  if (ends_in(model, "softmax") && model.output_shape().rank() == 2) p.kind = Kind::classes;
  else if (ends_in(model, "sigmoid") && p.outputs() == 1) p.kind = Kind::yes_or_no;
  for (size_t begin = 0; !o.classes.empty() && begin <= o.classes.size();) {
    const size_t end = std::min(o.classes.find(',', begin), o.classes.size());
    p.names.push_back(o.classes.substr(begin, end - begin));
    begin = end + 1;
  }
  const int64_t classes = p.kind == Kind::yes_or_no ? 2 : p.outputs();
  require(p.names.empty() || static_cast<int64_t>(p.names.size()) == classes, "--classes names ", p.names.size(), " classes, and the model tells ", classes, " apart");
  if (p.names.empty() && static_cast<int64_t>(data.classes.size()) == classes) p.names = data.classes;
  const bool numbered = data.classes.empty() || static_cast<int64_t>(data.classes.size()) == classes;
  if (numbered && data.y && data.y->size() == data.y->shape()[0]) p.labels = data.y;

  const Table table(p);
  std::string out = o.json ? "" : table.head();
  for (int64_t r = 0; r < p.rows(); ++r) {
    out += o.json ? one_json(p, r) : table.row(r);
    if (out.size() > 1 << 16) print(out), out.clear();
  }
  if (!o.json) out += table.key();
  print(out);
  return 0;
}

}  // namespace

Command predict_command() {
  auto o = std::make_shared<PredictFlags>();
  const auto declare = [o](Flags& flags) {
    flags.positional("MODEL", o->model, "a .keras file");
    o->data.declare(flags);
    flags.section("Options");
    flags.value("--part", o->part, "NAME", "which part of --data: test or train. Default: test");
    flags.value("-n,--count", o->count, "N", "only the first N samples. Default: all");
    flags.value("--classes", o->classes, "LIST", "what the classes are called, separated by commas");
    flags.value("--batch-size", o->batch_size, "N", "samples at a time. Default: 32");
    flags.flag("--json", o->json, "a line of JSON for each sample");
  };
  return {"predict", "applies a model: the class and probabilities of each sample", examples, declare, [o] { return predict(*o); }};
}

}  // namespace cornu::app
