#include "cornu/data/roff.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cornu {
namespace {

void append_utf8(std::string& to, unsigned code) {
  const auto put = [&](unsigned byte) { to += static_cast<char>(byte); };
  const auto rest = [&](int shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) put(code);
  else if (code < 0x800) put(0xc0 | code >> 6), rest(0);
  else if (code < 0x10000) put(0xe0 | code >> 12), rest(6), rest(0);
  else put(0xf0 | code >> 18), rest(12), rest(6), rest(0);
}

/// Named characters that pages in Latin letters use (groff_char(7)); others become a space.
constexpr std::array<std::pair<std::string_view, std::string_view>, 36> named = {{
    {"aq", "'"}, {"cq", "’"}, {"oq", "‘"}, {"lq", "“"}, {"rq", "”"}, {"dq", "\""}, {"Fo", "«"}, {"Fc", "»"}, {"em", "—"}, {"en", "–"}, {"hy", "-"}, {"mi", "-"},
    {"ti", "~"}, {"ha", "^"}, {"rs", "\\"}, {"ga", "`"}, {"ss", "ß"}, {":a", "ä"}, {":o", "ö"}, {":u", "ü"}, {":e", "ë"}, {":i", "ï"}, {":A", "Ä"}, {":O", "Ö"}, {":U", "Ü"}, {"'e", "é"},
    {"`e", "è"}, {"`a", "à"}, {"'a", "á"}, {"'o", "ó"}, {"'i", "í"}, {"'u", "ú"}, {"~n", "ñ"}, {",c", "ç"}, {"^e", "ê"}, {"oe", "œ"}}};

void append_named(std::string& to, std::string_view name) {
  for (const auto& [known, as] : named)
    if (known == name) return void(to += as);
  unsigned code = 0;
  const bool number = name.size() >= 5 && name[0] == 'u' && std::from_chars(name.data() + 1, name.data() + name.size(), code, 16).ptr == name.data() + name.size();
  if (number && code < 0x110000 && (code < 0xd800 || code > 0xdfff)) append_utf8(to, code);
  else to += ' ';
}

/// What follows an escape letter: one character, two after '(', or all to the ']'; moves i behind it.
std::string_view argument(std::string_view line, size_t& i) {
  if (i >= line.size()) return {};
  if (line[i] == '(') {
    const auto name = line.substr(i + 1, 2);
    i = std::min(i + 3, line.size());
    return name;
  }
  if (line[i] == '[') {
    const size_t end = std::min(line.find(']', i), line.size());
    const auto name = line.substr(i + 1, end - i - 1);
    i = std::min(end + 1, line.size());
    return name;
  }
  return line.substr(i++, 1);
}

/// The words of a line, escapes resolved (groff(7), "Escapes").
void append_line(std::string& to, std::string_view line) {
  for (size_t i = 0; i < line.size();) {
    if (line[i] != '\\') {
      to += line[i++];
      continue;
    }
    if (++i == line.size()) return;
    const char c = line[i++];
    switch (c) {
      case '"': return;  // a comment
      case '-': to += '-'; break;
      case 'e': case '\\': to += '\\'; break;
      case ' ': case '~': case '0': to += ' '; break;
      case '\'': case '`': to += c; break;
      case '(': case '[': append_named(to, argument(line, --i)); break;
      case 'f': case '*': case 'm': case 'F': argument(line, i); break;
      case 's':
        if (i < line.size() && (line[i] == '+' || line[i] == '-')) ++i;
        argument(line, i);
        break;
      case 'h': case 'v': case 'w': case 'N': case 'o': case 'z': case 'u': case 'd':
        if (i < line.size() && line[i] == '\'') i = std::min(line.find('\'', i + 1), line.size() - 1) + 1;
        break;
      default: break;  // \& \| \^ \/ \, \c \% \: print nothing
    }
  }
}

/// The arguments of a macro: words, or "several words"; in them "" is a quote.
std::vector<std::string> arguments(std::string_view line) {
  std::vector<std::string> list;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ' ' || line[i] == '\t') {
      ++i;
      continue;
    }
    std::string word;
    if (line[i] == '"') {
      for (++i; i < line.size(); ++i) {
        if (line[i] == '"' && (i + 1 >= line.size() || line[i + 1] != '"')) break;
        if (line[i] == '"') ++i;
        word += line[i];
      }
      ++i;
    } else {
      // An escaped space belongs to the word.
      for (; i < line.size() && line[i] != ' ' && line[i] != '\t'; ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) word += line[i++];
        word += line[i];
      }
    }
    list.push_back(std::move(word));
  }
  return list;
}

struct Reader {
  std::vector<std::string> paragraphs;
  std::string open;
  bool literal = false, table = false, heading = false;

  void finish() {
    std::string even;
    for (const char c : open) {
      const bool space = c == ' ' || (c >= '\t' && c <= '\r');
      if (!space) even += c;
      else if (!even.empty() && even.back() != ' ') even += ' ';
    }
    while (!even.empty() && even.back() == ' ') even.pop_back();
    if (!even.empty()) paragraphs.push_back(std::move(even));
    open.clear();
  }

  void text(std::string_view line) {
    if (std::exchange(heading, false) || literal || table) return;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return finish();
    append_line(open, line);
    open += ' ';
  }

  void macro(std::string_view line) {
    const size_t end = std::min(line.find_first_of(" \t\\\""), line.size());
    const std::string_view name = line.substr(0, end);
    const auto is = [&](std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (is({"nf", "EX"})) literal = true;
    if (is({"fi", "EE"})) literal = false;
    if (is({"TS"})) table = true;
    if (is({"TE"})) table = false;
    if (is({"PP", "P", "LP", "SH", "SS", "TP", "IP", "HP", "RS", "RE", "nf", "fi", "EX", "EE", "TS", "TE", "TQ", "sp", "br"})) finish();
    if (is({"SH", "SS"})) heading = arguments(line.substr(end)).empty();  // the heading is the next line then
    if (literal || table || !is({"B", "I", "R", "SM", "SB", "BI", "BR", "IB", "IR", "RB", "RI"})) return;
    heading = false;
    const bool alternating = name.size() == 2 && name[0] != 'S';
    for (const std::string& word : arguments(line.substr(end))) {
      append_line(open, word);
      if (!alternating) open += ' ';
    }
    open += ' ';
  }
};

}  // namespace

std::vector<std::string> roff_paragraphs(std::string_view page) {
  Reader reader;
  while (!page.empty()) {
    const size_t end = std::min(page.find('\n'), page.size());
    std::string_view line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    if (line.starts_with('.') || line.starts_with('\'')) {
      line.remove_prefix(1);
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      if (!line.starts_with("\\\"")) reader.macro(line);
    } else {
      reader.text(line);
    }
  }
  reader.finish();
  return reader.paragraphs;
}

}  // namespace cornu
