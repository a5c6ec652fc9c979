// Which language is a paragraph written in? Manual pages of Debian in five languages; a model of word vectors and their mean
// (Joulin et al. 2016, "Bag of tricks for efficient text classification").
//   example_languages [--quick]      needs Debian's manpages and manpages-{de,fr,it,pl}; exits 77 without them
#include <cornu/cornu.h>

#include "quick.h"

using namespace cornu;

int main(int argc, char** argv) {
  const bool quick = asked_for_quick(argc, argv);
  datasets::TextDataset pages;
  try {
    pages = datasets::manpages({.languages = {"de", "en", "fr", "it", "pl"}, .max_pages = quick ? 120u : 5000u});
  } catch (const IoError& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
  TextVectorization words{.max_tokens = 20000, .output_sequence_length = 40};
  words.adapt(pages.train.texts);
  const Tensor train = words(pages.train.texts), test = words(pages.test.texts);

  Sequential model{
      Input{Shape{40}, DType::int64},
      Embedding{.input_dim = words.vocabulary_size(), .output_dim = 32, .mask_zero = true},
      GlobalAveragePooling1D{},
      Dense{5, "softmax"},
  };
  model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train, pages.train.targets(), {.epochs = 3, .verbose = 2});

  const std::vector<std::string> mine = {"The file could not be opened because it does not exist.", "Die Datei wurde nicht gefunden, weil es sie nicht gibt.",
                                         "Le fichier n'a pas pu être ouvert car il n'existe pas.", "Il file non è stato trovato perché non esiste."};
  const Tensor p = model.predict(words(mine));
  for (size_t i = 0; i < mine.size(); ++i) {
    int64_t best = 0;
    for (int64_t k = 1; k < 5; ++k)
      if (p.at(static_cast<int64_t>(i) * 5 + k) > p.at(static_cast<int64_t>(i) * 5 + best)) best = k;
    std::printf("%s: %s\n", pages.train.class_names[static_cast<size_t>(best)].c_str(), mine[i].c_str());
  }
  return expect("accuracy on paragraphs of other pages", model.evaluate(test, pages.test.targets(), {.batch_size = 500}).at("accuracy"), quick ? 0.85 : 0.93);
}
