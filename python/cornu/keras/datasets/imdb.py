"""keras.datasets.imdb."""
import json

from cornu.keras.datasets._files import located, read_npz, texts


def load_data(path="imdb.npz", num_words=None, skip_top=0, maxlen=None, seed=113, start_char=1, oov_char=2, index_from=3):
    """25,000 and 25,000 reviews of films as lists of word numbers, the most frequent first, and 1 for praise, 0 for blame."""
    f = read_npz(located(path, "datasets.imdb"))
    train, test = texts([(f["x_train"], f["y_train"]), (f["x_test"], f["y_test"])], seed, maxlen, start_char, oov_char, index_from,
                        num_words, skip_top, "imdb")
    return train, test


def get_word_index(path="imdb_word_index.json"):
    """{word: its number}; in the data numbers are larger by index_from."""
    with open(located(path, "datasets.imdb"), encoding="utf-8") as f:
        return json.load(f)
