"""keras.datasets.reuters."""
import json

from cornu.keras.datasets._files import located, read_npz, texts

_TOPICS = """cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass crude nat-gas cpi
money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange
pet-chem dlr gas silver wpi hog lead"""


def load_data(path="reuters.npz", num_words=None, skip_top=0, maxlen=None, test_split=0.2, seed=113, start_char=1, oov_char=2, index_from=3):
    """11,228 news as lists of word numbers, and which of 46 topics each is about."""
    f = read_npz(located(path, "datasets.reuters"))
    (x, y), = texts([(f["x"], f["y"])], seed, maxlen, start_char, oov_char, index_from, num_words, skip_top, "reuters")
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def get_word_index(path="reuters_word_index.json"):
    """{word: its number}; in the data numbers are larger by index_from."""
    with open(located(path, "datasets.reuters"), encoding="utf-8") as f:
        return json.load(f)


def get_label_names():
    """The names of the 46 topics."""
    return tuple(_TOPICS.split())
