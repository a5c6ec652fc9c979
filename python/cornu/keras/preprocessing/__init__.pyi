# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.preprocessing import image as image
from cornu.keras.preprocessing import sequence as sequence
from cornu.keras.preprocessing import text as text

def image_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., color_mode: Any = ..., batch_size: float = ..., image_size: Any = ..., shuffle: bool = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., interpolation: Any = ..., follow_links: bool = ..., crop_to_aspect_ratio: bool = ..., pad_to_aspect_ratio: bool = ..., data_format: Any = ..., format: Any = ..., verbose: bool = ...) -> Any: ...
def text_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., batch_size: float = ..., max_length: Any = ..., shuffle: bool = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., follow_links: bool = ..., format: Any = ..., verbose: bool = ...) -> Any: ...
def timeseries_dataset_from_array(data: Any, targets: Any, sequence_length: Any, sequence_stride: float = ..., sampling_rate: float = ..., batch_size: float = ..., shuffle: bool = ..., seed: Any = ..., start_index: Any = ..., end_index: Any = ..., format: Any = ...) -> Any: ...
