#include "cornu/train/table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cornu {
namespace {

bool is_space(const StyledText::Character& c) { return c.bytes == " "; }

void strip_end(StyledText& line) {
  while (line.size() > 0 && is_space(line.characters.back())) line.characters.pop_back();
}

const char* escape(Style style, int colors) {
  const bool many = colors >= 256;
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "\x1b[1m";
    case Style::class_name: return many ? "\x1b[38;5;33m" : "\x1b[94m";
    case Style::number: return many ? "\x1b[38;5;34m" : "\x1b[32m";
    case Style::none: return many ? "\x1b[38;5;45m" : "\x1b[96m";
    case Style::yes: return many ? "\x1b[1;38;5;34m" : "\x1b[1;32m";
    case Style::no: return "\x1b[1;91m";
  }
  return "";
}

/// Where to break, as rich's divide_line does when words are not folded. A word takes the spaces around it along.
std::vector<size_t> breaks(const StyledText& text, size_t width) {
  std::vector<size_t> at;
  size_t used = 0, start = 0;
  while (start < text.size()) {
    size_t end = start;
    while (end < text.size() && is_space(text.characters[end])) ++end;
    while (end < text.size() && !is_space(text.characters[end])) ++end;
    const size_t word = end - start;
    while (end < text.size() && is_space(text.characters[end])) ++end;
    if (used + word <= width) {
      used += end - start;
    } else if (word > width || used > 0) {
      if (start > 0) at.push_back(start);
      used = end - start;
    }
    start = end;
  }
  return at;
}

void fit(StyledText& line, size_t width, Align align) {
  if (align != Align::left) strip_end(line);
  auto& c = line.characters;
  if (c.size() > width) {
    c.resize(width);
    if (width > 0) c.back().bytes = "…";
  }
  const size_t room = width - c.size();
  const size_t left = align == Align::left ? 0 : align == Align::right ? room : room / 2;
  c.insert(c.begin(), left, {" ", Style::plain});
  c.insert(c.end(), room - left, {" ", Style::plain});
}

struct Box {
  const char *left, *line, *cross, *right;
};

std::string rule(const Box& box, const std::vector<int>& widths) {
  std::string s = box.left;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) s += box.cross;
    for (int k = 0; k < widths[i]; ++k) s += box.line;
  }
  return s + box.right + "\n";
}

}  // namespace

StyledText& StyledText::add(std::string_view text, Style style) {
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (continues && !characters.empty()) characters.back().bytes += c;
    else characters.push_back({std::string(1, c), style});
  }
  return *this;
}

std::string StyledText::render(int colors) const {
  std::string s;
  for (size_t i = 0; i < characters.size();) {
    const Style style = characters[i].style;
    const bool escaped = colors > 0 && style != Style::plain;
    if (escaped) s += escape(style, colors);
    for (; i < characters.size() && characters[i].style == style; ++i) s += characters[i].bytes;
    if (escaped) s += "\x1b[0m";
  }
  return s;
}

std::vector<StyledText> wrap(const StyledText& text, size_t width) {
  std::vector<size_t> at = breaks(text, width);
  at.push_back(text.size());
  std::vector<StyledText> lines;
  size_t from = 0;
  for (const size_t to : at) {
    StyledText& line = lines.emplace_back();
    line.characters.assign(text.characters.begin() + static_cast<std::ptrdiff_t>(from), text.characters.begin() + static_cast<std::ptrdiff_t>(to));
    while (line.size() > width && is_space(line.characters.back())) line.characters.pop_back();
    from = to;
  }
  return lines;
}

std::vector<int> cell_widths(const std::vector<int>& wanted) {
  std::vector<int> widths;
  const int n = static_cast<int>(wanted.size());
  int excess = 3 * n + 1;  // two spaces in each cell, and n + 1 borders
  for (int i = 0; i < n; ++i) {
    const int share = static_cast<int>(std::nearbyint(static_cast<double>(excess) / (n - i)));
    widths.push_back(std::max(wanted[static_cast<size_t>(i)] + 2 - share, 3));
    excess -= share;
  }
  return widths;
}

std::string Table::render(int colors) const {
  std::vector<int> wanted;
  for (const TableColumn& c : columns) wanted.push_back(c.width);
  const std::vector<int> widths = cell_widths(wanted);

  const auto draw = [&](const std::vector<StyledText>& cells, const char* border, bool header) {
    std::vector<std::vector<StyledText>> lines;
    size_t height = 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto width = static_cast<size_t>(widths[i] - 2);
      lines.push_back(wrap(cells[i], width));
      for (StyledText& line : lines.back()) fit(line, width, columns[i].align);
      height = std::max(height, lines.back().size());
    }
    // rich draws a header's padding in the header's style, each piece by itself.
    const std::string pad = (header ? StyledText(" ", Style::bold) : StyledText(" ")).render(colors);
    std::string s;
    for (size_t k = 0; k < height; ++k) {
      for (size_t i = 0; i < columns.size(); ++i) {
        StyledText line = k < lines[i].size() ? lines[i][k] : StyledText(std::string(static_cast<size_t>(widths[i] - 2), ' '));
        if (header)
          for (auto& c : line.characters) c.style = Style::bold;
        s += border + pad + line.render(colors) + pad;
      }
      s += std::string(border) + "\n";
    }
    return s;
  };

  std::vector<StyledText> header;
  for (const TableColumn& c : columns) header.emplace_back(c.header);
  std::string s = rule({"┏", "━", "┳", "┓"}, widths) + draw(header, "┃", true) + rule({"┡", "━", "╇", "┩"}, widths);
  for (size_t i = 0; i < rows.size(); ++i)
    s += (i > 0 ? rule({"├", "─", "┼", "┤"}, widths) : "") + draw(rows[i], "│", false);
  return s + rule({"└", "─", "┴", "┘"}, widths);
}

}  // namespace cornu
