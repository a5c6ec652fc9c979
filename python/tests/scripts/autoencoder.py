"""Press pictures into 16 numbers and draw them again."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

(x_train, _), (x_test, _) = keras.datasets.fashion_mnist.load_data()
x_train = x_train[:4000].astype("float32").reshape(-1, 784) / 255.0
x_test = x_test[:1000].astype("float32").reshape(-1, 784) / 255.0


class Autoencoder(keras.Model):
    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(latent_dim, activation="relu")])
        self.decoder = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(784, activation="sigmoid")])

    def call(self, x):
        return self.decoder(self.encoder(x))


keras.utils.set_random_seed(1)
autoencoder = Autoencoder(16)
autoencoder.compile(optimizer="adam", loss=keras.losses.MeanSquaredError())
history = autoencoder.fit(x_train, x_train, epochs=8, shuffle=True, validation_data=(x_test, x_test), verbose=0)
codes = np.array(autoencoder.encoder(x_test))
pictures = np.array(autoencoder.decoder(codes))
print(json.dumps({
    "loss": history.history["loss"][-1],
    "val_loss": history.history["val_loss"][-1],
    "codes": list(codes.shape),
    "pictures": list(pictures.shape),
    "error": float(np.mean((pictures - x_test) ** 2)),
    "params": autoencoder.count_params(),
}))
