"""keras.optimizers.schedules: learning rates that follow the steps."""
from cornu import _cornu
from cornu.keras import _catalogue
from cornu.keras.utils._lazy import lazy


class LearningRateSchedule(_catalogue.Described):
    """The base of schedules: called with a step, they give the rate."""

    _family = "schedule"
    _namespace = "keras.optimizers.schedules"

    def __call__(self, step):
        """The rate after so many steps, as a float32 number."""
        import numpy as np

        return np.float32(_cornu.schedule_at(self, int(step)))


_classes = {}
_catalogue.make_classes(LearningRateSchedule, _cornu.schedule_classes(), "schedules", _classes)
globals().update(_classes)


def serialize(schedule):
    return _catalogue.serialized(schedule)


def deserialize(config, custom_objects=None):
    return _catalogue.from_name(_classes, config, LearningRateSchedule, "learning rate schedule")


__getattr__ = lazy(__name__)[0]
