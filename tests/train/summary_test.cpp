// summary()'s table, against what Keras 3.15 and rich print.
#include <doctest/doctest.h>

#include "cornu/base/error.h"
#include "cornu/train/summary.h"
#include "cornu/train/table.h"

using namespace cornu;

namespace {
Summary seed_model() {
  return {.model_name = "sequential",
          .rows = {{.name = "dense", .class_name = "Dense", .output_shape = "(None, 10)", .params = 7850, .trainable = true},
                   {.name = "dense_1", .class_name = "Dense", .output_shape = "(None, 10)", .params = 110, .trainable = true},
                   {.name = "dense_2", .class_name = "Dense", .output_shape = "(None, 10)", .params = 110, .trainable = true}},
          .trainable = {8070, 8070 * 4}};
}
}  // namespace

TEST_CASE("the seed model's summary is Keras's, byte for byte") {
  CHECK(summary_text(seed_model()) == R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ (None, 10)             │         7,850 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 10)             │           110 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_2 (Dense)                 │ (None, 10)             │           110 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 8,070 (31.52 KB)
 Trainable params: 8,070 (31.52 KB)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST_CASE("a trained optimizer has a line of its own and counts in the total") {
  Summary model = seed_model();
  model.optimizer = SummaryCount{16142, 16142 * 4 + 4};  // the iteration is an int64
  const std::string s = summary_text(model);
  CHECK(s.find(" Total params: 24,212 (94.58 KB)\n") != std::string::npos);
  CHECK(s.ends_with(" Non-trainable params: 0 (0.00 B)\n Optimizer params: 16,142 (63.06 KB)\n"));
}

TEST_CASE("long names wrap at spaces and are cut where they have none, as rich does") {
  Summary model{.model_name = "sequential",
                .rows = {{.name = "dense", .class_name = "Dense", .output_shape = "(None, 10)", .params = 7850},
                         {.name = "a_very_long_layer_name_that_will_not_fit", .class_name = "Dense", .output_shape = "(None, 10)"},
                         {.name = "batch_normalization_12", .class_name = "BatchNormalization", .output_shape = "(None, 1000, 1000, 1000)"}}};
  const std::string table = R"(┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)      ┃ Output Shape ┃ Param # ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ dense (Dense)     │ (None, 10)   │   7,850 │
├───────────────────┼──────────────┼─────────┤
│ a_very_long_laye… │ (None, 10)   │       0 │
│ (Dense)           │              │ (unbui… │
├───────────────────┼──────────────┼─────────┤
│ batch_normalizat… │ (None, 1000, │       0 │
│ (BatchNormalizat… │ 1000, 1000)  │ (unbui… │
└───────────────────┴──────────────┴─────────┘
)";
  CHECK(summary_text(model, {.columns = 50}).find(table) != std::string::npos);
}

TEST_CASE("show_trainable adds a centred column") {
  const std::string s = summary_text(seed_model(), {.show_trainable = true});
  CHECK(s.find("┃ Layer (type)                ┃ Output Shape          ┃    Param # ┃ Trai… ┃\n") != std::string::npos);
  CHECK(s.find("│ dense (Dense)               │ (None, 10)            │      7,850 │   Y   │\n") != std::string::npos);
}

TEST_CASE("a graph names what each layer is connected to") {
  Summary model = seed_model();
  model.is_graph = true;
  model.rows[1].connected_to = "dense[0][0]";
  const std::string s = summary_text(model);
  CHECK(s.find("┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃\n") != std::string::npos);
  CHECK(s.find("│ dense_1 (Dense)     │ (None, 10)        │        110 │ dense[0][0]       │\n") != std::string::npos);
}

TEST_CASE("column widths are those measured on Keras") {
  CHECK(cell_widths({39, 31, 18}) == std::vector<int>{38, 29, 17});      // 88 characters
  CHECK(cell_widths({34, 26, 16}) == std::vector<int>{33, 24, 15});      // 76
  CHECK(cell_widths({22, 20, 14, 20}) == std::vector<int>{21, 19, 12, 19});
}

TEST_CASE("on a terminal with 256 colours the escapes are rich's") {
  const std::string s = summary_text(seed_model(), {.colors = 256});
  CHECK(s.starts_with("\x1b[1mModel: \"sequential\"\x1b[0m\n"));
  CHECK(s.find("┃\x1b[1m \x1b[0m\x1b[1mLayer (type)                   \x1b[0m\x1b[1m \x1b[0m┃\x1b[1m \x1b[0m\x1b[1mOutput Shape          \x1b[0m\x1b[1m \x1b[0m"
               "┃\x1b[1m \x1b[0m\x1b[1m      Param #\x1b[0m\x1b[1m \x1b[0m┃\n") != std::string::npos);
  CHECK(s.find("│ dense (\x1b[38;5;33mDense\x1b[0m)                   │ (\x1b[38;5;45mNone\x1b[0m, \x1b[38;5;34m10\x1b[0m)             │"
               "         \x1b[38;5;34m7,850\x1b[0m │\n") != std::string::npos);
  CHECK(s.find("\x1b[1m Total params: \x1b[0m\x1b[38;5;34m8,070\x1b[0m (31.52 KB)\n") != std::string::npos);
  CHECK(summary_text(seed_model(), {.colors = 16}).find("│ dense (\x1b[94mDense\x1b[0m)                   │ (\x1b[96mNone\x1b[0m, \x1b[32m10\x1b[0m) ") !=
        std::string::npos);
}

TEST_CASE("nested models are drawn as a tree") {
  Summary model = seed_model();
  model.rows[1].level = 1;
  CHECK(summary_text(model).find("│    └ dense_1 (Dense)            │") != std::string::npos);
}

TEST_CASE("a console that is too narrow is refused") {
  CHECK_THROWS_WITH(summary_text(seed_model(), {.line_length = 12}), "Insufficient console width to print summary: 12 characters for 3 columns");
}

TEST_CASE("shapes are written as Keras writes them") {
  CHECK(keras_shape({Shape::unknown, 28, 28, 1}) == "(None, 28, 28, 1)");
  CHECK(keras_shape({}) == "()");
}
