"""Errors are Python's, say what C++ says, and can be caught as cornu.Error."""
import numpy as np
import pytest

import cornu
from cornu import keras


def test_each_error_is_also_of_the_class_that_python_programs_expect():
    assert issubclass(cornu.ShapeError, ValueError) and issubclass(cornu.UnsupportedError, NotImplementedError)
    assert issubclass(cornu.IoError, OSError) and issubclass(cornu.FormatError, ValueError) and issubclass(cornu.NumericError, ArithmeticError)
    for name in ("ArgumentError", "ShapeError", "UnsupportedError", "IoError", "FormatError", "LimitError", "UnsafeError", "NumericError", "InternalError"):
        assert issubclass(getattr(cornu, name), cornu.Error)


def test_an_unknown_option_is_named_with_the_near_one():
    with pytest.raises(ValueError, match="Dense has no option 'activaton'.*did you mean 'activation'"):
        keras.layers.Dense(3, activaton="relu")


def test_a_missing_argument_is_named():
    with pytest.raises(TypeError, match="Dense.*'units'"):
        keras.layers.Dense()
    with pytest.raises(TypeError, match="Conv2D.*'kernel_size'"):
        keras.layers.Conv2D(3)


def test_too_many_and_doubled_arguments_are_refused():
    with pytest.raises(TypeError, match="at most"):
        keras.layers.Flatten(None, 1, 2)
    with pytest.raises(TypeError, match="two values for the argument 'units'"):
        keras.layers.Dense(3, units=4)


def test_unknown_names_suggest_the_near_one():
    with pytest.raises(ValueError, match="relu"):
        keras.layers.Dense(3, activation="relo")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="adam"):
        model.compile("adan", "mse")
    with pytest.raises(ValueError, match="mean_squared_error|mse"):
        model.compile("adam", "mean_square_error")


def test_a_wrong_value_names_its_option():
    with pytest.raises(ValueError, match="Dense.*'units'.*integer.*string"):
        keras.layers.Dense("many")


def test_a_shape_that_does_not_fit_names_the_model_and_both_shapes():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(cornu.ShapeError, match=r"\[2, 3\]"):
        model.predict(np.zeros((2, 3)), verbose=0)


def test_training_without_compile_says_what_to_do():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="compile"):
        model.fit(np.zeros((2, 4)), np.zeros((2, 1)))


def test_what_keras_has_and_cornu_lacks_says_so():
    with pytest.raises(AttributeError, match="applications"):
        keras.applications
    with pytest.raises(AttributeError, match="Dense"):
        keras.layers.Dens
    with pytest.raises(NotImplementedError, match="channels_first"):
        keras.layers.Conv2D(3, 3, data_format="channels_first")
    with pytest.raises(NotImplementedError, match="run_eagerly"):
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).compile("sgd", "mse", run_eagerly=True)


def test_a_nan_in_training_is_a_numeric_error_that_names_the_step():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e30), "mse")
    with pytest.raises(cornu.NumericError, match="step"):
        model.fit(np.ones((64, 2)), np.ones((64, 1)), epochs=5, verbose=0)


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError):
        keras.models.load_model("nowhere.keras")


def test_attributes_that_do_not_exist_raise_attribute_errors():
    layer = keras.layers.Dense(3)
    with pytest.raises(AttributeError, match="not built"):
        layer.kernel
    with pytest.raises(AttributeError, match="colour"):
        layer.colour
