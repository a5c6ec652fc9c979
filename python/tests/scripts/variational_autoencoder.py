"""A variational autoencoder: sampling in a layer, two losses, a train_step."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, ops

import json

import numpy as np


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(shape=ops.shape(z_mean), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


encoder_inputs = keras.Input(shape=(16,))
h = layers.Dense(24, activation="relu")(encoder_inputs)
z_mean = layers.Dense(2, name="z_mean")(h)
z_log_var = layers.Dense(2, name="z_log_var")(h)
encoder = keras.Model(encoder_inputs, [z_mean, z_log_var, Sampling()([z_mean, z_log_var])], name="encoder")
latent_inputs = keras.Input(shape=(2,))
decoder = keras.Model(latent_inputs, layers.Dense(16, activation="sigmoid")(layers.Dense(24, activation="relu")(latent_inputs)), name="decoder")


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.kl_loss_tracker]

    def train_step(self, data):
        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            reconstruction = self.decoder(z)
            reconstruction_loss = ops.mean(ops.sum(keras.losses.binary_crossentropy(data, reconstruction)[:, None] * 16.0, axis=1))
            kl_loss = ops.mean(ops.sum(-0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var)), axis=1))
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.total_loss_tracker.update_state(total_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {"loss": self.total_loss_tracker.result(), "kl_loss": self.kl_loss_tracker.result()}


keras.utils.set_random_seed(1)
rng = np.random.default_rng(73)
angle = rng.uniform(0, 2 * np.pi, 1024)
data = (0.5 + 0.5 * np.sin(angle[:, None] + np.linspace(0, 2 * np.pi, 16))).astype("float32")
vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam(0.01))
history = vae.fit(data, epochs=20, batch_size=64, verbose=0)
mean, log_var, z = encoder.predict(data[:100], verbose=0)
print(json.dumps({
    "keys": sorted(history.history),
    "last": history.history["loss"][-1],
    "improved": bool(history.history["loss"][-1] < history.history["loss"][0] - 1.0),
    "shapes": [list(mean.shape), list(z.shape), list(decoder.predict(z, verbose=0).shape)],
    "samples": bool(0.0 < np.abs(z - mean).mean() < 3.0),
}))
