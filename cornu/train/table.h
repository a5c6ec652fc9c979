// Tables of text with styles, drawn as Python's rich draws those of Keras: same widths, wrapping, boxes and escapes.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace cornu {

enum class Style { plain, bold, class_name, number, none, yes, no };

/// Characters, each with its style. One character takes one column.
struct StyledText {
  struct Character {
    std::string bytes;  // UTF-8
    Style style = Style::plain;
  };
  std::vector<Character> characters;

  StyledText() = default;
  StyledText(std::string_view text, Style style = Style::plain) { add(text, style); }
  StyledText& add(std::string_view text, Style style = Style::plain);
  size_t size() const { return characters.size(); }
  /// With escapes for 16 or 256 colours; 0: plain.
  std::string render(int colors) const;
};

enum class Align { left, center, right };

struct TableColumn {
  std::string header;
  Align align = Align::left;
  int width = 0;  // wanted; borders and padding are taken from all columns evenly
};

struct Table {
  std::vector<TableColumn> columns = {};
  std::vector<std::vector<StyledText>> rows = {};

  /// A row may be wrapped at spaces; a word that is too long is cut with "…". The table is as wide as its columns' widths
  /// say together.
  std::string render(int colors) const;
};

/// The text in lines of at most `width` characters.
std::vector<StyledText> wrap(const StyledText& text, size_t width);

/// Cell widths, padding included, of a table with these wanted column widths (rich's ratio_reduce, half to even).
std::vector<int> cell_widths(const std::vector<int>& wanted);

}  // namespace cornu
