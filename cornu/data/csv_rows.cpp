#include "cornu/data/csv_rows.h"

#include "cornu/base/error.h"

namespace cornu {
namespace {
constexpr size_t most_field = size_t{1} << 20, most_row = size_t{64} << 20;
}

std::string CsvRows::where(uint64_t line) const { return text("CSV file '", printable(file_.path()), "', line ", line); }
void CsvRows::fail(uint64_t line, std::string_view what) const { throw FormatError(text(where(line), column(), ": ", what)); }
std::string CsvRows::column() const { return text(", column ", ends_.size() + 1); }

/// The next byte without taking it; -1 at the end.
int CsvRows::peek() {
  if (at_ == filled_) {
    block_.resize(size_t{1} << 16);
    filled_ = file_.read(block_.data(), block_.size());
    at_ = 0;
    if (filled_ == 0) return -1;
    if (!begun_) {
      begun_ = true;
      const std::string_view front(block_.data(), filled_);
      require<FormatError>(!front.starts_with("\xFF\xFE") && !front.starts_with("\xFE\xFF"), where(1),
                           ": the file is UTF-16; save it as UTF-8");
      if (front.starts_with("\xEF\xBB\xBF")) at_ = 3;
      if (at_ == filled_) return peek();
    }
  }
  return static_cast<unsigned char>(block_[at_]);
}

bool CsvRows::next() {
  text_.clear();
  ends_.clear();
  field_begin_ = 0;
  in_ = In::start;
  row_line_ = line_;
  for (;;) {
    const int c = peek();
    if (c < 0) {
      if (in_ == In::quoted) fail(quote_line_, "the quote that opens here is never closed");
      if (ends_.empty() && in_ == In::start && text_.empty()) return false;
      end_field();
      return true;
    }
    ++at_;
    if ((c == '\n' || c == '\r') && in_ != In::quoted) {
      if (c == '\r' && peek() == '\n') ++at_;
      ++line_;
      if (ends_.empty() && in_ == In::start && text_.empty()) {  // an empty line
        row_line_ = line_;
        continue;
      }
      end_field();
      return true;
    }
    // Inside quotes CRLF is one line, as outside.
    if (c == '\n' || (c == '\r' && peek() != '\n')) ++line_;
    take_byte(static_cast<unsigned char>(c));
    if (text_.size() - field_begin_ > most_field)
      throw LimitError(text(where(in_ == In::quoted ? quote_line_ : line_), column(), ": a field of more than ", most_field,
                            " bytes", in_ == In::quoted ? "; is the quote that opens here never closed?" : ""));
    if (text_.size() + ends_.size() > most_row) throw LimitError(text(where(), ": a row of more than ", most_row, " bytes"));
  }
}

void CsvRows::take_byte(unsigned char c) {
  if (c == 0) fail(line_, "a zero byte; this is no text file");
  const bool space = (c == ' ' || c == '\t') && static_cast<char>(c) != delimiter_;
  switch (in_) {
    case In::start:
      if (static_cast<char>(c) == delimiter_) {
        end_field();
      } else if (c == '"') {
        in_ = In::quoted;
        quote_line_ = line_;
      } else if (!space) {
        in_ = In::plain;
        text_ += static_cast<char>(c);
      }
      return;
    case In::plain:
      if (c == '"')
        fail(line_, "a quote inside a field that does not begin with one; quote the whole field and double the quotes in it");
      if (static_cast<char>(c) == delimiter_)
        end_field();
      else
        text_ += static_cast<char>(c);
      return;
    case In::quoted:
      if (c == '"')
        in_ = In::after_quote;
      else
        text_ += static_cast<char>(c);
      return;
    case In::after_quote:
      if (c == '"') {  // a doubled quote stands for one
        text_ += '"';
        in_ = In::quoted;
      } else if (static_cast<char>(c) == delimiter_) {
        end_field();
      } else if (!space) {
        fail(line_, text("found '", printable(std::string_view(reinterpret_cast<const char*>(&c), 1)),
                         "' after the quote that closes a field; expected '", delimiter_, "' or the end of the line"));
      }
      return;
  }
}

void CsvRows::end_field() {
  if (in_ == In::plain)
    while (text_.size() > field_begin_ && (text_.back() == ' ' || text_.back() == '\t')) text_.pop_back();
  ends_.push_back(text_.size());
  field_begin_ = text_.size();
  in_ = In::start;
}

}  // namespace cornu
