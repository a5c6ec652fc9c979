"""keras.preprocessing.text: words to numbers, the way before TextVectorization."""
import hashlib
import json
from collections import Counter, OrderedDict, defaultdict

import numpy as np

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(input_text, filters=FILTERS, lower=True, split=" "):
    """The words of a text, without the characters of `filters`."""
    text = input_text.lower() if lower else input_text
    return [word for word in text.translate(str.maketrans({c: split for c in filters})).split(split) if word]


def hashing_trick(text, n, hash_function=None, filters=FILTERS, lower=True, split=" ", analyzer=None):
    """The words of a text as numbers from 1 to n - 1, by hashing; `hash_function`: "md5", a function, or Python's hash, which
    differs from one process to the next."""
    if hash_function == "md5":
        def hash_function(word):
            return int(hashlib.md5(word.encode()).hexdigest(), 16)

    number = hash_function or hash
    words = analyzer(text) if analyzer else text_to_word_sequence(text, filters, lower, split)
    return [number(word) % (n - 1) + 1 for word in words]


def one_hot(input_text, n, filters=FILTERS, lower=True, split=" ", analyzer=None):
    """hashing_trick by Python's hash."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers words by their frequency, from 1 on, and turns texts into lists of numbers or rows of a matrix. Only the
    `num_words` - 1 most frequent words are used; others are left out, or are `oov_token`, which has number 1."""

    def __init__(self, num_words=None, filters=FILTERS, lower=True, split=" ", char_level=False, oov_token=None, analyzer=None, **kwargs):
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise TypeError(f"Tokenizer: unknown options {', '.join(kwargs)}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts = OrderedDict()
        self.word_docs = defaultdict(int)
        self.index_docs = defaultdict(int)
        self.word_index = {}
        self.index_word = {}

    def _words(self, text):
        if self.char_level or isinstance(text, list):
            lowered = [word.lower() for word in text] if isinstance(text, list) else text.lower()
            return lowered if self.lower else text
        return self.analyzer(text) if self.analyzer else text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts):
        """Counts the words of the texts (or of lists of words) and numbers them."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        by_count = sorted(self.word_counts.items(), key=lambda item: item[1], reverse=True)
        vocabulary = ([] if self.oov_token is None else [self.oov_token]) + [word for word, _ in by_count]
        self.word_index = {word: i + 1 for i, word in enumerate(vocabulary)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences):
        """Counts in how many of the sequences of numbers each number occurs."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for i in set(sequence):
                self.index_docs[i] += 1

    def texts_to_sequences(self, texts):
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts):
        unknown = self.word_index.get(self.oov_token)
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            known = (unknown if i is None or (self.num_words and i >= self.num_words) else i for i in numbers)
            yield [i for i in known if i is not None]

    def sequences_to_texts(self, sequences):
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences):
        unknown = None if self.oov_token is None else self.index_word.get(self.word_index.get(self.oov_token))
        for sequence in sequences:
            words = (unknown if self.num_words and i >= self.num_words else self.index_word.get(i, unknown) for i in sequence)
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts, mode="binary"):
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode=mode)

    def sequences_to_matrix(self, sequences, mode="binary"):
        """[sequences, words]: for each word whether it occurs ("binary"), how often ("count"), its share ("freq"), or "tfidf"."""
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f'Tokenizer: mode={mode!r} is none of "binary", "count", "freq", "tfidf"')
        if not self.num_words and not self.word_index:
            raise ValueError("Tokenizer: give num_words, or call fit_on_texts first")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Tokenizer: call fit_on_texts before mode=\"tfidf\"")
        size = self.num_words or len(self.word_index) + 1
        x = np.zeros((len(sequences), size))
        for row, sequence in zip(x, sequences):
            for i, count in Counter(i for i in sequence if i < size).items():
                if mode == "tfidf":
                    row[i] = (1 + np.log(count)) * np.log(1 + self.document_count / (1 + self.index_docs.get(i, 0)))
                else:
                    row[i] = {"binary": 1, "count": count, "freq": count / len(sequence)}[mode]
        return x

    def get_config(self):
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        tables = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return {**{n: getattr(self, n) for n in names}, **{n: json.dumps(getattr(self, n)) for n in tables}}

    def to_json(self, **kwargs):
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string):
    """The Tokenizer whose to_json() gave this."""
    config = dict(json.loads(json_string)["config"])
    tables = {n: json.loads(config.pop(n)) for n in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")}
    for name in ("index_docs", "index_word"):
        tables[name] = {int(k): v for k, v in tables[name].items()}
    made = Tokenizer(**config)
    made.word_counts, made.word_index, made.index_word = OrderedDict(tables["word_counts"]), tables["word_index"], tables["index_word"]
    made.word_docs, made.index_docs = defaultdict(int, tables["word_docs"]), defaultdict(int, tables["index_docs"])
    return made
