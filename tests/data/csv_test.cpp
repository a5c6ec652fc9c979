#include "cornu/data/csv.h"

#include <doctest/doctest.h>

#include <clocale>
#include <string>
#include <vector>

#include "cornu/base/error.h"
#include "temporary.h"

using namespace cornu;
using namespace std::string_literals;

namespace {

Csv read(const std::string& text, const CsvOptions& options = {}) {
  const TemporaryDirectory folder;
  return read_csv(folder.write("a.csv", text), options);
}

std::vector<float> x_of(const Csv& csv) { return {csv.x.values<float>().begin(), csv.x.values<float>().end()}; }
std::vector<int64_t> y_of(const Csv& csv) { return {csv.y.values<int64_t>().begin(), csv.y.values<int64_t>().end()}; }

}  // namespace

TEST_CASE("a table with text labels becomes features, classes and their names") {
  const Csv csv = read("width,height,kind\n1,2.5,iris\n-3e1,.5,aster\n+4,5,iris\n", {.label_column = "kind"});
  CHECK(csv.x.shape() == Shape{3, 2});
  CHECK(x_of(csv) == std::vector<float>{1, 2.5f, -30, 0.5f, 4, 5});
  CHECK(csv.feature_names == std::vector<std::string>{"width", "height"});
  CHECK(csv.label_name == "kind");
  CHECK(csv.class_names == std::vector<std::string>{"aster", "iris"});
  CHECK(y_of(csv) == std::vector<int64_t>{1, 0, 1});
}

TEST_CASE("labels that are whole numbers stay numbers") {
  const Csv csv = read("y,x\n7,0\n-2,0\n3.0,0\n", {.label_column = "y"});
  CHECK(y_of(csv) == std::vector<int64_t>{7, -2, 3});
  CHECK(csv.class_names.empty());
}

TEST_CASE("labels that are fractions become float32") {
  const Csv csv = read("y,x\n0.5,0\n2,0\n", {.label_column = "y"});
  CHECK(csv.y == Tensor({2}, std::vector<float>{0.5f, 2}));
}

TEST_CASE("one label that is no number makes all of them text") {
  const Csv csv = read("y,x\n10,0\n9,0\nnan,0\n", {.label_column = "y"});
  CHECK(csv.class_names == std::vector<std::string>{"10", "9", "nan"});
  CHECK(y_of(csv) == std::vector<int64_t>{0, 1, 2});
}

TEST_CASE("without a label column all columns are features") {
  const Csv csv = read("a,b\n1,2\n");
  CHECK(csv.x == Tensor({1, 2}, std::vector<float>{1, 2}));
  CHECK(csv.y.size() == 0);
  CHECK(csv.label_name.empty());
}

TEST_CASE("without a header columns are called by their numbers, and the first row is data") {
  const Csv csv = read("1,2,3\n4,5,6\n", {.label_column = "2", .header = false});
  CHECK(x_of(csv) == std::vector<float>{1, 2, 4, 5});
  CHECK(y_of(csv) == std::vector<int64_t>{3, 6});
  CHECK(csv.feature_names == std::vector<std::string>{"0", "1"});
}

TEST_CASE("columns can be left out") {
  const Csv csv = read("id,a,name,y\n17,1,joe,0\n18,2,ann,1\n", {.label_column = "y", .ignore_columns = {"id", "name"}});
  CHECK(csv.feature_names == std::vector<std::string>{"a"});
  CHECK(x_of(csv) == std::vector<float>{1, 2});
}

TEST_CASE("quotes, line ends, a byte order mark, spaces, blank lines and other delimiters are understood") {
  const std::vector<float> expected{1, 2, 3, 4};
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r",
                           "\xEF\xBB\xBF"
                           "a,b\n1,2\n3,4\n",
                           "\n\na,b\n\n1,2\r\n\r\n3,4\n\n\n", "a , b\n 1\t, 2 \n3,4\n", "\"a\",\"b\"\n\"1\",\"2\"\n3,\"4\"",
                           "\"a\" , \"b\"\n1,2\n3,\"4\" \n"}) {
    CAPTURE(printable(text));
    const Csv csv = read(text);
    CHECK(x_of(csv) == expected);
    CHECK(csv.feature_names == std::vector<std::string>{"a", "b"});
  }
  CHECK(x_of(read("a;b\n1;2\n3;4\n", {.delimiter = ';'})) == expected);
  CHECK(x_of(read("a\tb\n1\t2\n3\t4\n", {.delimiter = '\t'})) == expected);
  const Csv csv = read("x,y\n1,\"say \"\"hi\"\", twice\"\n2,\"two\nlines\"\n", {.label_column = "y"});
  CHECK(csv.class_names == std::vector<std::string>{"say \"hi\", twice", "two\nlines"});
}

TEST_CASE("a gzipped table is read as it is") {
  const TemporaryDirectory folder;
  CHECK(x_of(read_csv(folder.write("a.csv.gz", gzip("a\n1\n2\n")))) == std::vector<float>{1, 2});
}

TEST_CASE("a long table crosses every buffer") {
  std::string text = "number,label\n";
  for (int i = 0; i < 40000; ++i) text += std::to_string(i) + (i % 2 ? ",\"odd\"\r\n" : ",even\n");
  const Csv csv = read(text, {.label_column = "label"});
  REQUIRE(csv.x.shape() == Shape{40000, 1});
  bool right = true;
  for (int i = 0; i < 40000; ++i) right = right && csv.x.at(i) == i && csv.y.at(i) == i % 2;
  CHECK(right);
}

TEST_CASE("numbers too small for a float are zero") {
  CHECK(x_of(read("a\n1e-400\n-0.1e-999\n1e-50\n")) == std::vector<float>{0, 0, 0});
}

TEST_CASE("a locale with decimal commas changes nothing") {
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, name)) break;
  CHECK(x_of(read("a\n1.5\n")) == std::vector<float>{1.5f});
  std::setlocale(LC_ALL, "C");
}

TEST_CASE("bad tables are refused with file, line, column and remedy") {
  struct Case {
    std::string text, reason;
    CsvOptions options = {};
  };
  const std::vector<Case> cases = {
      {"", ", line 1: the file is empty"},
      {"\n\n\r\n", ": the file is empty"},
      {"\xEF\xBB\xBF", ": the file is empty"},
      {"a,b\n", "has a header but no rows; say header = false if the first row holds data"},
      {"a,b\n1,2\n3\n", ", line 3: 1 field, but the first row has 2; each row needs as many"},
      {"a,b\n1,2,3\n", ", line 2: 3 fields, but the first row has 2"},
      {"a,b\n1,2\n\n,\n", ", line 4, column 1 ('a') is empty; fill it in, or drop the row or the column"},
      {"a,b\n1,\"\"\n", ", line 2, column 2 ('b') is empty"},
      {"a,b\n1,x\n", ", line 2, column 2 ('b'): 'x' is not a finite number"},
      {"a,b\n1,1.2.3\n", "'1.2.3' is not a finite number"},
      {"a,b\n1,0x10\n", "'0x10' is not a finite number"},
      {"a,b\n1,nan\n", "'nan' is not a finite number"},
      {"a,b\n1,-inf\n", "'-inf' is not a finite number"},
      {"a,b\n1,+-3\n", "'+-3' is not a finite number"},
      {"a,b\n1,1e400\n", ", line 2, column 2 ('b'): 1e400 is larger than float32 can hold (3.4e38); scale the column"},
      {"a,b\n1,-1e39\n", ": -1e39 is larger than float32 can hold"},
      {"a,b\n1," + std::string(400, '9') + "\n", "is larger than float32 can hold"},
      {"a\n\"1,5\"\n", "'1,5' is not a finite number; write decimals with a point"},
      {"a;b\n1;2\n", ", line 2, column 1 ('a;b'): '1;2' is not a finite number; are the columns separated by ';'?"},
      {"a,b\n1,2\n\"1,2\n3,4\n", ", line 3, column 1: the quote that opens here is never closed"},
      {"\"", ", line 1, column 1: the quote that opens here is never closed"},
      {"a,b\n1,\"2\"3\n",
       ", line 2, column 2: found '3' after the quote that closes a field; expected ',' or the end of the line"},
      {"a,b\n1,2\"3\n", ", line 2, column 2: a quote inside a field that does not begin with one"},
      {"a,b\n\"x\ny\",1\n", ", line 2, column 1 ('a'): 'x\\x0ay' is not a finite number"},
      {"a,b\n\"1\n\",2\n3,z\n", ", line 2, column 1 ('a')"},
      {"a,b\n1,2\n\0,4\n"s, ", line 3, column 1: a zero byte; this is no text file"},
      {"\xFF\xFE"
       "a\0,\0b\0"s,
       ", line 1: the file is UTF-16; save it as UTF-8"},
      {"a,b,a\n1,2,3\n", ", line 1: columns 1 and 3 are both called 'a'; rename one"},
      {"a,b\n1,\n", ", line 2, column 2 ('b'): the label is empty; fill it in or drop the row", {.label_column = "b"}},
      {"a\n" + std::string((1 << 20) + 1, '1') + "\n", ", line 2, column 1: a field of more than 1048576 bytes"},
      {"a\n\"" + std::string((1 << 20) + 1, '\n') + "\n",
       ", line 2, column 1: a field of more than 1048576 bytes; is the quote that opens here never closed?"},
      {"a\n1\n2\n3\n", "the table needs more than 10 bytes of memory", {.limits = {.memory_bytes = 10}}},
      {gzip("a\n1\n").substr(0, 15), "ends within its gzip stream"},
  };
  const TemporaryDirectory folder;
  for (const Case& c : cases) {
    const std::string path = folder.write("a.csv", c.text);
    const std::string said = text_of_error<FormatError>([&] { read_csv(path, c.options); });
    CAPTURE(printable(c.text));
    CAPTURE(said);
    CHECK(said.find(c.reason) != said.npos);
    CHECK(said.find(path) != said.npos);
    CHECK(said.size() < 1000);
  }
}

TEST_CASE("a column that is not there is an error that suggests the near one") {
  const TemporaryDirectory folder;
  const std::string path = folder.write("a.csv", "width,height,label\n1,2,3\n");
  CHECK_THROWS_WITH_AS(read_csv(path, {.label_column = "lable"}),
                       text("CSV file '", path,
                            "', line 1: there is no column 'lable' (label_column) (did you mean 'label'?); the columns are "
                            "'width', 'height', 'label'")
                           .c_str(),
                       ArgumentError);
  CHECK_THROWS_AS(read_csv(path, {.ignore_columns = {"zzz"}}), ArgumentError);
  CHECK_THROWS_AS(read_csv(path, {.ignore_columns = {"width", "height", "label"}}), ArgumentError);
  CHECK_THROWS_AS(read_csv(path, {.delimiter = '"'}), ArgumentError);
  CHECK_THROWS_AS(read_csv(folder.path("none.csv")), IoError);
}

TEST_CASE("a table cut anywhere is read up to there or refused, never more") {
  const std::string whole = "a,b,kind\r\n1,\"2\",\"x \"\"y\"\"\"\r\n-3.5,4e1,z\r\n";
  for (size_t n = 0; n < whole.size(); ++n) {
    try {
      const Csv csv = read(whole.substr(0, n), {.label_column = "kind"});
      CHECK(csv.x.shape()[0] <= 2);
      CHECK(csv.x.shape()[1] == 2);
      CHECK(csv.y.size() == csv.x.shape()[0]);
    } catch (const FormatError&) {
    } catch (const ArgumentError&) {  // the label column's name is cut
      CHECK(n <= 8);
    }
  }
}
