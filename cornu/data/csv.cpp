#include "cornu/data/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "cornu/base/error.h"
#include "cornu/data/csv_rows.h"

namespace cornu {
namespace {

enum class Number { good, none, too_large };

/// A decimal number with nothing around it, in C's notation whatever the locale. What is too small is zero.
Number parse(std::string_view field, double& to) {
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), to);
  if (end != field.data() + field.size() || field.empty()) return Number::none;
  if (error == std::errc::result_out_of_range) {
    // from_chars does not tell 1e400 from 1e-400.
    const size_t e = field.find_first_of("eE");
    const bool small = e == std::string_view::npos
                           ? field.find_first_not_of("-0") < field.size() && field[field.find_first_not_of("-0")] == '.'
                           : e + 1 < field.size() && field[e + 1] == '-';
    to = 0;
    return small ? Number::good : Number::too_large;
  }
  return error == std::errc() && std::isfinite(to) ? Number::good : Number::none;
}

struct Columns {
  std::vector<std::string> names;
  std::vector<size_t> features;
  size_t label = std::numeric_limits<size_t>::max();
};

/// Where a column of a row is, for messages: "CSV file 'a.csv', line 3, column 2 ('width')".
std::string place(const CsvRows& rows, const Columns& columns, size_t c) {
  return text(rows.where(), ", column ", c + 1, " ('", printable(columns.names[c]), "')");
}

std::vector<std::string> names_of(const CsvRows& rows, bool header) {
  std::vector<std::string> names;
  std::unordered_map<std::string, size_t> seen;
  for (size_t c = 0; c < rows.columns(); ++c) {
    names.push_back(header ? std::string(rows[c]) : std::to_string(c));
    const auto [first, is_new] = seen.emplace(names.back(), c);
    require<FormatError>(is_new, rows.where(), ": columns ", first->second + 1, " and ", c + 1, " are both called '",
                         printable(names.back()), "'; rename one",
                         header ? ", or say header = false if the first row holds data" : "");
  }
  return names;
}

size_t find_column(const std::vector<std::string>& names, const std::string& name, std::string_view what, const CsvRows& rows) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<size_t>(it - names.begin());
  std::vector<std::string_view> known(names.begin(), names.end());
  std::string list;
  for (size_t i = 0; i < std::min<size_t>(names.size(), 20); ++i) list += text(i ? ", " : "", "'", printable(names[i]), "'");
  throw ArgumentError(text(rows.where(), ": there is no column '", printable(name), "' (", what, ")", did_you_mean(name, known),
                           "; the columns are ", list, names.size() > 20 ? ", ..." : ""));
}

Columns columns_of(const CsvRows& rows, const CsvOptions& options) {
  Columns columns{.names = names_of(rows, options.header), .features = {}};
  if (!options.label_column.empty()) columns.label = find_column(columns.names, options.label_column, "label_column", rows);
  std::vector<bool> left_out(columns.names.size(), false);
  for (const std::string& name : options.ignore_columns)
    left_out[find_column(columns.names, name, "ignore_columns", rows)] = true;
  for (size_t c = 0; c < columns.names.size(); ++c)
    if (c != columns.label && !left_out[c]) columns.features.push_back(c);
  require(!columns.features.empty(), rows.where(), ": no column is left for the features");
  return columns;
}

float feature(const CsvRows& rows, const Columns& columns, size_t c, char delimiter) {
  const std::string_view field = rows[c];
  double value = 0;
  const Number number = parse(field, value);
  if (number == Number::good && std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()))
    return static_cast<float>(value);
  require<FormatError>(!field.empty(), place(rows, columns, c), " is empty; fill it in, or drop the row or the column");
  require<FormatError>(number == Number::none, place(rows, columns, c), ": ", printable(field),
                       " is larger than float32 can hold (3.4e38); scale the column");
  std::string hint = "a feature is a finite number; encode or ignore a column of text, or name it as label_column";
  if (field.find(',') != std::string_view::npos)
    hint = "write decimals with a point";
  else if (field.find(';') != std::string_view::npos && delimiter != ';')
    hint = "are the columns separated by ';'? Say so as the delimiter";
  throw FormatError(text(place(rows, columns, c), ": '", printable(field), "' is not a finite number; ", hint));
}

/// The labels as they are read: a number for each text, in the order in which texts first appear.
struct Labels {
  std::unordered_map<std::string, int64_t> number_of;
  std::vector<int64_t> rows;
  uint64_t bytes = 0;

  void add(std::string_view field) {
    const auto [it, is_new] = number_of.emplace(std::string(field), static_cast<int64_t>(number_of.size()));
    if (is_new) bytes += field.size() + 64;
    rows.push_back(it->second);
  }
};

/// y, and the names of its classes if labels are text.
void finish(const Labels& labels, Csv& csv) {
  std::vector<double> values(labels.number_of.size());
  bool numbers = true, whole = true;
  for (const auto& [label, i] : labels.number_of) {
    double& v = values[static_cast<size_t>(i)];
    numbers = numbers && parse(label, v) == Number::good && std::abs(v) <= static_cast<double>(std::numeric_limits<float>::max());
    whole = whole && numbers && v == std::floor(v) && std::abs(v) < 0x1p53;
  }
  if (!numbers) {
    for (const auto& entry : labels.number_of) csv.class_names.push_back(entry.first);
    std::sort(csv.class_names.begin(), csv.class_names.end());
    for (size_t k = 0; k < csv.class_names.size(); ++k)
      values[static_cast<size_t>(labels.number_of.at(csv.class_names[k]))] = static_cast<double>(k);
    whole = true;
  }
  const Shape shape{static_cast<int64_t>(labels.rows.size())};
  csv.y = Tensor(whole ? DType::int64 : DType::float32, shape);
  with_type(csv.y.dtype(), [&](auto zero) {
    auto* to = static_cast<decltype(zero)*>(csv.y.mutable_data());
    if constexpr (std::is_arithmetic_v<decltype(zero)>)
      for (size_t i = 0; i < labels.rows.size(); ++i)
        to[i] = static_cast<decltype(zero)>(values[static_cast<size_t>(labels.rows[i])]);
  });
}

}  // namespace

Csv read_csv(const std::string& path, const CsvOptions& options) {
  require(options.delimiter != '"' && options.delimiter != '\n' && options.delimiter != '\r' && options.delimiter != 0,
          "a CSV delimiter can be ',', ';', a tab or the like, but not a quote, a line break or zero");
  ByteSource file(path, options.limits);
  CsvRows rows(file, options.delimiter);
  require<FormatError>(rows.next(), rows.where(), ": the file is empty");
  const Columns columns = columns_of(rows, options);
  const bool labelled = columns.label < columns.names.size();
  std::vector<float> x;
  Labels labels;
  int64_t n = 0;
  for (bool more = !options.header || rows.next(); more; more = rows.next(), ++n) {
    if (rows.columns() != columns.names.size())
      throw FormatError(text(rows.where(), ": ", rows.columns(), rows.columns() == 1 ? " field" : " fields",
                             ", but the first row has ", columns.names.size(), "; each row needs as many, and a field with a '",
                             options.delimiter, "' in it needs quotes"));
    for (const size_t c : columns.features) x.push_back(feature(rows, columns, c, options.delimiter));
    if (labelled) {
      if (rows[columns.label].empty())
        throw FormatError(text(place(rows, columns, columns.label), ": the label is empty; fill it in or drop the row"));
      labels.add(rows[columns.label]);
    }
    const uint64_t memory = 2 * x.size() * sizeof(float) + labels.rows.size() * sizeof(int64_t) + labels.bytes;
    if (memory > file.memory_limit())
      throw LimitError(
          text(rows.where(), ": the table needs more than ", file.memory_limit(), " bytes of memory (DataLimits::memory_bytes)"));
  }
  require<FormatError>(n > 0, "CSV file '", printable(path),
                       "' has a header but no rows; say header = false if the first row holds data");

  Csv csv;
  for (const size_t c : columns.features) csv.feature_names.push_back(columns.names[c]);
  csv.x = Tensor(Shape{n, static_cast<int64_t>(columns.features.size())}, x);
  csv.y = Tensor(DType::float32, Shape{0});
  if (labelled) {
    csv.label_name = columns.names[columns.label];
    finish(labels, csv);
  }
  return csv;
}

}  // namespace cornu
