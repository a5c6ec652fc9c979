"""docs/keras-parity.md says of every public Keras name whether cornu has it, and says the truth."""
import pathlib
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
import parity  # noqa: E402
import cornu  # noqa: E402
from cornu import keras  # noqa: E402


def test_the_table_is_what_cornu_is():
    assert parity.TARGET.read_text() == parity.document(), "run python/scripts/parity.py"


def test_every_missing_name_has_a_reason_and_the_core_is_all_there():
    rows = list(parity.entries())
    assert len(rows) > 1500
    status = {f"{module}.{name}": state for module, name, state, _ in rows}
    core = """layers.Dense layers.Conv2D layers.LSTM layers.Embedding layers.MultiHeadAttention layers.BatchNormalization layers.Dropout
        Sequential Model Input Layer losses.SparseCategoricalCrossentropy metrics.AUC optimizers.Adam callbacks.EarlyStopping models.load_model
        utils.to_categorical utils.image_dataset_from_directory datasets.mnist.load_data wrappers.SKLearnClassifier preprocessing.text.Tokenizer"""
    assert [name for name in core.split() if status[f"keras.{name}"] not in ("yes", "partly")] == []


def test_a_name_that_is_made_up_is_not_found():
    assert parity.resolved("keras.layers.Dens") and parity.resolved("keras.layers.Dense") is None


def test_missing_names_raise_attribute_errors_that_say_so():
    for place, name in ((keras, "Sequentiall"), (keras.layers, "Dens"), (keras.utils, "to_categorial"), (cornu, "Kostant")):
        with pytest.raises(AttributeError, match="has no"):
            getattr(place, name)
