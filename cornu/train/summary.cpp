#include "cornu/train/summary.h"

#include <algorithm>
#include <cctype>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"
#include "cornu/train/table.h"

namespace cornu {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

/// Numbers and None stand out. With `bracketed_only`, numbers count only as [0]: layer names have digits too.
StyledText highlight(std::string_view s, bool bracketed_only = false) {
  StyledText out;
  for (size_t i = 0; i < s.size();) {
    size_t end = i;
    while (end < s.size() && is_digit(s[end])) ++end;
    if (end > i && (!bracketed_only || (i > 0 && s[i - 1] == '[' && end < s.size() && s[end] == ']'))) {
      out.add(s.substr(i, end - i), Style::number);
    } else if (!bracketed_only && s.substr(i, 4) == "None") {
      out.add(s.substr(i, 4), Style::none), end = i + 4;
    } else {
      end = std::max(end, i + 1);
      out.add(s.substr(i, end - i));
    }
    i = end;
  }
  return out;
}

StyledText trainable_text(std::optional<bool> trainable) {
  if (!trainable) return {"-", Style::bold};
  return *trainable ? StyledText("Y", Style::yes) : StyledText("N", Style::no);
}

std::vector<StyledText> cells(const SummaryRow& row, bool is_graph, bool show_trainable) {
  std::string prefix;
  for (int i = 0; i < row.level; ++i) prefix += "   ";
  if (row.level > 0) prefix += "└ ";
  std::vector<StyledText> cells{StyledText(prefix + row.name + " (").add(row.class_name, Style::class_name).add(")"),
                                highlight(row.output_shape),
                                row.params ? StyledText(with_commas(*row.params), Style::number)
                                           : StyledText("0", Style::number).add(" (unbuilt)")};
  if (is_graph) cells.push_back(highlight(row.connected_to, true));
  if (show_trainable) cells.push_back(trainable_text(row.trainable));
  return cells;
}

Table frame(const Summary& summary, const SummaryOptions& options) {
  Table table{.columns = {{"Layer (type)", Align::left}, {"Output Shape", Align::left}, {"Param #", Align::right}}};
  std::vector<double> positions{.45, .80, 1.};
  int length = 88;
  if (summary.is_graph) {
    table.columns.push_back({"Connected to", Align::left});
    positions = {.3, .56, .74, 1.};
    length = 108;
  }
  if (options.show_trainable) {
    table.columns.push_back({"Trainable", Align::center});
    for (double& p : positions) p *= .90;
    positions.push_back(1.);
    length += 12;
  }
  length = options.line_length.value_or(std::min(length, options.columns - 4));
  int before = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    const int width = static_cast<int>(positions[i] * length) - before;
    require(width >= 4, "Insufficient console width to print summary: ", length, " characters for ", positions.size(), " columns");
    table.columns[i].width = width;
    before += width;
  }
  return table;
}

std::string total(std::string_view label, const SummaryCount& count, int colors) {
  return StyledText(text(" ", label, " params: "), Style::bold)
             .add(with_commas(count.params), Style::number)
             .add(text(" (", readable_size(static_cast<double>(count.bytes)), ")"))
             .render(colors) + "\n";
}

}  // namespace

std::string keras_shape(const Shape& shape) {
  std::string s = "(";
  for (const int64_t size : shape.sizes()) s += (s.size() > 1 ? ", " : "") + (size == Shape::unknown ? "None" : std::to_string(size));
  return s + ")";
}

std::string summary_text(const Summary& summary, const SummaryOptions& options) {
  Table table = frame(summary, options);
  for (const SummaryRow& row : summary.rows) table.rows.push_back(cells(row, summary.is_graph, options.show_trainable));

  SummaryCount all;
  for (const SummaryCount& part : {summary.trainable, summary.non_trainable, summary.optimizer.value_or(SummaryCount{})})
    all.params += part.params, all.bytes += part.bytes;
  const int colors = options.colors;
  std::string s = StyledText(text("Model: \"", summary.model_name, "\""), Style::bold).render(colors) + "\n" + table.render(colors);
  s += total("Total", all, colors) + total("Trainable", summary.trainable, colors) + total("Non-trainable", summary.non_trainable, colors);
  return summary.optimizer ? s + total("Optimizer", *summary.optimizer, colors) : s;
}

}  // namespace cornu
