// The rows of a CSV file (RFC 4180), field by field.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cornu/data/byte_source.h"

namespace cornu {

/// Reads row after row in one pass. Fields may be quoted, with "" for a quote and line breaks inside; rows end with LF, CRLF or
/// CR; empty lines are skipped, and so is a byte order mark. Fields are bytes: nothing depends on a locale.
/// Every error is a FormatError (LimitError for a field above 1 MiB or a row above 64 MiB) that names file, line and column.
class CsvRows {
 public:
  CsvRows(ByteSource& file, char delimiter) : file_(file), delimiter_(delimiter) {}

  /// Goes to the next row; false at the end.
  bool next();
  /// Fields of the row; unquoted ones without spaces and tabs around them. Valid until `next`.
  size_t columns() const { return ends_.size(); }
  std::string_view operator[](size_t column) const {
    const size_t begin = column == 0 ? 0 : ends_[column - 1];
    return std::string_view(text_).substr(begin, ends_[column] - begin);
  }
  /// "CSV file 'a.csv', line 3": where the row begins, counting from 1.
  std::string where() const { return where(row_line_); }

 private:
  enum class In { start, plain, quoted, after_quote };

  int peek();
  void take_byte(unsigned char c);
  void end_field();
  std::string where(uint64_t line) const;
  std::string column() const;
  [[noreturn]] void fail(uint64_t line, std::string_view what) const;

  ByteSource& file_;
  const char delimiter_;
  std::string block_ = {};
  size_t at_ = 0, filled_ = 0;
  bool begun_ = false;
  uint64_t line_ = 1, row_line_ = 1, quote_line_ = 1;

  In in_ = In::start;
  std::string text_ = {};          // the row's fields, one after another
  std::vector<size_t> ends_ = {};  // of each field in text_
  size_t field_begin_ = 0;
};

}  // namespace cornu
