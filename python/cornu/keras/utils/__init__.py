"""keras.utils: labels, sequences, images, data sets from folders, pictures of models."""
from cornu.keras.utils._lazy import lazy, table

_WHERE = table(
    _arrays="to_categorical normalize set_random_seed pad_sequences",
    _datasets="PyDataset Sequence split_dataset timeseries_dataset_from_array pack_x_y_sample_weight unpack_x_y_sample_weight",
    _directories="image_dataset_from_directory text_dataset_from_directory audio_dataset_from_directory",
    _images="load_img img_to_array array_to_img save_img",
    _files="get_file",
    _plot="plot_model model_to_dot",
    _progbar="Progbar enable_interactive_logging disable_interactive_logging is_interactive_logging_enabled",
)
_SAVING = ("CustomObjectScope custom_object_scope get_custom_objects get_registered_name get_registered_object "
           "register_keras_serializable deserialize_keras_object serialize_keras_object").split()
_BACKEND = "clear_session is_keras_tensor standardize_dtype".split()
_WHERE.update({name: "cornu.keras.saving" for name in _SAVING})
_WHERE.update({name: "cornu.keras.backend" for name in _BACKEND})

_ABSENT = {
    "FeatureSpace": "put StringLookup, Normalization, Discretization and CategoryEncoding before the model instead",
    "Config": "a dict serves instead",
    "bounding_boxes": "cornu has no layers for bounding boxes",
    "get_source_inputs": "model.inputs has them",
    "legacy": "there are no legacy utilities",
    "multi_gpu_model": "cornu computes on the processor",
    "get_or_create_layer": "layers may be kept as attributes of one's own layer",
}

__getattr__, __dir__ = lazy(__name__, _WHERE, _ABSENT)
__all__ = sorted(_WHERE)
