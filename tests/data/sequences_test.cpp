// What prepares sequences, texts and parts of data sets: files, mistakes and bounds. Keras's numbers are tested in nn_golden.
#include <doctest/doctest.h>

#include <set>

#include "cornu/data/manpages.h"
#include "cornu/data/roff.h"
#include "cornu/data/text.h"
#include "temporary.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;
using cornu::testing::has;

using Lines = std::vector<std::string>;

TEST_CASE("a label that is no class is named") {
  CHECK(has(error_of([] { to_categorical({0, 3}, 3); }), {"label 1 is 3", "0 to 2"}));
  CHECK(has(error_of([] { to_categorical({-1, 2}); }), {"label 0 is -1"}));
}

TEST_CASE("windows that do not fit are refused with the numbers") {
  const Tensor data = {1, 2, 3, 4};
  CHECK(has(error_of([&] { timeseries_dataset_from_array(data, {}, {.sequence_length = 5}); }), {"4 steps hold no window of 5 elements"}));
  CHECK(has(error_of([&] { timeseries_dataset_from_array(data, {}, {.sequence_length = 2, .sequence_stride = 0}); }), {"sequence_stride must be positive"}));
  CHECK(has(error_of([&] { timeseries_dataset_from_array(data, {}, {.sequence_length = 2, .start_index = 3, .end_index = 2}); }), {"of 4 steps", "[3, 2)"}));
  CHECK(has(error_of([] { pad_sequences(std::vector<std::vector<int64_t>>{{1}}, {.padding = "left"}); }), {"'pre' or 'post'", "'left'"}));
}

TEST_CASE("a data set is split without losing or doubling a sample, in order or shuffled") {
  std::vector<float> numbers;
  for (int i = 0; i < 10; ++i) numbers.push_back(static_cast<float>(i));
  const Samples all{.x = {Tensor({10, 1}, numbers)}, .y = {Tensor({10}, numbers)}};
  const auto [first, second] = split_dataset(all, 0.7);
  CHECK(first.x[0] == all.x[0].rows(0, 7));
  CHECK(second.y[0] == all.y[0].rows(7, 10));
  const auto [left, right] = split_dataset(all, 4, {.shuffle = true, .seed = 5});
  std::multiset<double> seen;
  for (int64_t i = 0; i < 4; ++i) seen.insert(left.x[0].at(i));
  CHECK(left.x[0].reshaped({4}) == left.y[0]);
  for (int64_t i = 0; i < 6; ++i) seen.insert(right.x[0].at(i));
  CHECK(seen == std::multiset<double>(numbers.begin(), numbers.end()));
  CHECK(left.x[0] != all.x[0].rows(0, 4));
  CHECK(has(error_of([&] { split_dataset(all, 0.01); }), {"leaves one part of 10 samples empty"}));
  CHECK(has(error_of([&] { split_dataset(all, 10); }), {"10 samples"}));
}

TEST_CASE("texts come from folders, which are their classes") {
  const TemporaryDirectory directory;
  directory.write("pos/b.txt", "good");
  directory.write("pos/deep/a.txt", "fine");
  directory.write("neg/c.txt", "bad");
  directory.write("neg/notes.md", "not a text");
  directory.write("loose.txt", "no class");
  const LabelledTexts found = text_dataset_from_directory(directory.path());
  CHECK(found.class_names == Lines{"neg", "pos"});
  CHECK(found.texts == Lines{"bad", "good", "fine"});
  CHECK(found.targets() == Tensor({3}, std::vector<int64_t>{0, 1, 1}));
  const auto [train, test] = split_dataset(found, 2);
  CHECK(train.texts == Lines{"bad", "good"});
  CHECK(test.labels == std::vector<int64_t>{1});
  CHECK(test.class_names == found.class_names);

  const TemporaryDirectory empty;
  CHECK(has(error_of([&] { text_dataset_from_directory(empty.path()); }), {"no .txt files", "one folder for each class"}));
  CHECK(has(error_of([&] { text_dataset_from_directory(empty.path("none")); }), {"cannot read the directory"}));
}

TEST_CASE("a manual page becomes paragraphs of plain words") {
  const Lines paragraphs = roff_paragraphs(R"(.\" a comment
.TH LS 1 "2022" "x" "y"
.SH NAME
ls \- list directory contents
.SH
A heading
.PP
Sort \fIentries\fP by
.BR time (1),
and \(lqquote\(rq them; na\(:ive caf\[u00E9] \e \s-1SMALL\s0.
.nf
  an example
.fi
.TP
.B \-a
do
	not ignore
'\" another comment

last\& one \"gone
.IR "two words" ", joined"
)");
  const Lines wanted = {"ls - list directory contents", "Sort entries by time(1), and “quote” them; naïve café \\ SMALL.", "-a do not ignore", "last one two words, joined"};
  REQUIRE(paragraphs.size() == wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) CHECK(paragraphs[i] == wanted[i]);
}

TEST_CASE("bytes that are no UTF-8 are recognised") {
  CHECK(is_utf8_text("plain, é, 日本, 𝄞"));
  for (const char* bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"}) CHECK(!is_utf8_text(bad));
}

TEST_CASE("manual pages are paragraphs with their language, no page in both parts") {
  const TemporaryDirectory directory;
  const auto page = [](const std::string& words) { return gzip(".TH X 1\n.PP\n" + words + "\n.PP\nshort\n"); };
  for (int i = 0; i < 4; ++i) {
    directory.write("man/man1/p" + std::to_string(i) + ".1.gz", page("an English paragraph, number " + std::to_string(i)));
    directory.write("man/de/man1/p" + std::to_string(i) + ".1.gz", page("ein deutscher Absatz, Nummer " + std::to_string(i)));
  }
  directory.write("man/de/man8/latin1.8", ".PP\nein Absatz in einer alten Kodierung: \xe4\xf6\xfc und noch etwas\n");
  directory.write("man/de/man8/copy.8.gz", page("ein deutscher Absatz, Nummer 1"));
  directory.write("man/de/man8/link.8", ".so man1/p0.1\n");
  const auto data = datasets::manpages({.languages = {"de", "en"}, .directory = directory.path("man"), .min_bytes = 20, .test_every = 4});
  CHECK(data.train.class_names == Lines{"de", "en"});
  CHECK(data.train.texts == Lines{"ein deutscher Absatz, Nummer 1", "ein deutscher Absatz, Nummer 2", "ein deutscher Absatz, Nummer 3", "an English paragraph, number 1", "an English paragraph, number 2", "an English paragraph, number 3"});
  CHECK(data.test.texts == Lines{"ein deutscher Absatz, Nummer 0", "an English paragraph, number 0"});
  CHECK(data.test.labels == std::vector<int64_t>{0, 1});
  const auto said = [&](const std::string& language) { return error_of([&] { datasets::manpages({.languages = {language}, .directory = directory.path("man")}); }); };
  CHECK(has(said("pt_BR"), {"no text in 'pt_BR'", "the directory asked for", "apt-get install manpages-pt-br", "CORNU_DATA", "man/pt_BR/man1"}));
  CHECK(has(said("../de"), {"'../de' is no language"}));
}
