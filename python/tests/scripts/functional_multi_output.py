"""Tickets: a title and tags in, a priority and a department out."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

rng = np.random.default_rng(29)
title = rng.integers(1, 50, (400, 6))
tags = rng.integers(0, 2, (400, 5)).astype("float32")
priority = ((title.mean(axis=1) > 25) ^ (tags[:, 0] > 0)).astype("float32")[:, None]
department = np.eye(3, dtype="float32")[(title[:, 0] // 17).clip(0, 2)]

title_input = keras.Input(shape=(6,), name="title", dtype="int32")
tags_input = keras.Input(shape=(5,), name="tags")
features = layers.Embedding(50, 8, name="embedding")(title_input)
features = layers.Flatten(name="flat")(features)
x = layers.concatenate([features, tags_input], name="joined")
x = layers.Dense(24, activation="relu", name="hidden")(x)
priority_output = layers.Dense(1, name="priority")(x)
department_output = layers.Dense(3, activation="softmax", name="department")(x)
model = keras.Model(inputs=[title_input, tags_input],
                    outputs={"priority": priority_output, "department": department_output})
start = np.random.default_rng(0)
model.set_weights([start.normal(0, 0.3, w.shape).astype("float32") for w in model.get_weights()])
model.compile(
    optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
    loss={"priority": keras.losses.BinaryCrossentropy(from_logits=True), "department": "categorical_crossentropy"},
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"department": ["accuracy"]},
)
history = model.fit({"title": title, "tags": tags}, {"priority": priority, "department": department},
                    epochs=10, batch_size=50, shuffle=False, verbose=0)
out = model.predict({"title": title[:3], "tags": tags[:3]}, verbose=0)
results = model.evaluate({"title": title, "tags": tags}, {"priority": priority, "department": department},
                         batch_size=400, verbose=0, return_dict=True)
print(json.dumps({
    "keys": sorted(history.history),
    "loss": history.history["loss"],
    "out": {k: list(v.shape) for k, v in sorted(out.items())},
    "results": {k: float(v) for k, v in sorted(results.items())},
    "hidden": list(model.get_layer("hidden").output.shape),
}))
