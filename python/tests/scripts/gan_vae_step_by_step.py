"""A GAN-like and a VAE-like train_step, number by number: the noise comes with the data, and the weights are given."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, ops

import json

import numpy as np

rng = np.random.default_rng(41)


def given_weights(model):
    for v in model.trainable_weights:
        v.assign(rng.normal(0, 0.3, v.shape).astype("float32"))
    return model


class GAN(keras.Model):
    def __init__(self, discriminator, generator):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.d_loss_tracker, self.g_loss_tracker = keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")
        self.d_accuracy = keras.metrics.BinaryAccuracy(name="d_accuracy", threshold=0.0)

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker, self.d_accuracy]

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    def train_step(self, data):
        real, noise = data
        batch_size = tf.shape(real)[0]
        labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
        with tf.GradientTape() as tape:
            predictions = self.discriminator(tf.concat([self.generator(noise, training=True), real], axis=0), training=True)
            d_loss = self.loss_fn(labels, predictions)
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((batch_size, 1)), self.discriminator(self.generator(noise, training=True), training=True))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        self.d_accuracy.update_state(labels, predictions)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        real, noise = data
        score = tf.reduce_mean(self.discriminator(self.generator(noise))) - tf.reduce_mean(self.discriminator(real))
        return {"score": score}


real = (rng.normal(size=(512, 2)) * 0.3 + [2.0, -1.0]).astype("float32")
noise = rng.normal(size=(512, 4)).astype("float32")
discriminator = given_weights(keras.Sequential([keras.Input((2,)), layers.Dense(16), layers.LeakyReLU(negative_slope=0.2), layers.Dense(1)]))
generator = given_weights(keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.BatchNormalization(), layers.Dense(2)]))
gan = GAN(discriminator, generator)
gan.compile(keras.optimizers.Adam(0.003), keras.optimizers.Adam(0.003, beta_1=0.5), keras.losses.BinaryCrossentropy(from_logits=True))
rates = []
gan_history = gan.fit(real, noise, epochs=6, batch_size=100, shuffle=False, verbose=0, validation_data=(real[:128], noise[:128]),
                      callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(logs["g_loss"]))])


class VAE(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.total_loss_tracker, self.kl_loss_tracker = keras.metrics.Mean(name="total_loss"), keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.kl_loss_tracker]

    def losses_of(self, data):
        x, epsilon = data
        z_mean, z_log_var = self.encoder(x)
        reconstruction = self.decoder(z_mean + ops.exp(0.5 * z_log_var) * epsilon)
        reconstruction_loss = ops.mean(keras.losses.binary_crossentropy(x, reconstruction)) * 16.0
        kl_loss = ops.mean(ops.sum(-0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var)), axis=1))
        return reconstruction_loss + kl_loss, kl_loss

    def train_step(self, data):
        with tf.GradientTape() as tape:
            total_loss, kl_loss = self.losses_of(data)
        grads = tape.gradient(total_loss, self.trainable_weights)
        grads, _ = tf.clip_by_global_norm(grads, 1.0)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.total_loss_tracker.update_state(total_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {"loss": self.total_loss_tracker.result(), "kl_loss": self.kl_loss_tracker.result()}

    def test_step(self, data):
        total_loss, kl_loss = self.losses_of(data)
        self.total_loss_tracker.update_state(total_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {"loss": self.total_loss_tracker.result(), "kl_loss": self.kl_loss_tracker.result()}


encoder_inputs = keras.Input(shape=(16,))
h = layers.Dense(24, activation="relu")(encoder_inputs)
encoder = given_weights(keras.Model(encoder_inputs, [layers.Dense(2)(h), layers.Dense(2)(h)]))
decoder = given_weights(keras.Sequential([keras.Input((2,)), layers.Dense(24, activation="relu"), layers.Dense(16, activation="sigmoid")]))
angle = rng.uniform(0, 2 * np.pi, 320)
x = (0.5 + 0.5 * np.sin(angle[:, None] + np.linspace(0, 2 * np.pi, 16))).astype("float32")
epsilon = rng.normal(size=(320, 2)).astype("float32")
vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam(0.01))


class Slower(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:
            self.model.optimizer.learning_rate = 0.001


vae_history = vae.fit(x, epsilon, epochs=6, batch_size=64, shuffle=False, verbose=0, callbacks=[Slower()])


class Running(layers.Layer):
    """Remembers the mean of what it saw, in every mode."""

    def build(self, input_shape):
        self.mean = self.add_weight(shape=(input_shape[-1],), initializer="zeros", trainable=False, name="mean")

    def call(self, inputs):
        self.mean.assign(0.5 * self.mean + 0.5 * ops.mean(inputs, axis=0))
        return inputs - self.mean


running = keras.Sequential([keras.Input((2,)), Running(), layers.Dense(1)])
running.compile("sgd", "mse")
running.fit(real, noise[:, :1], epochs=1, batch_size=128, shuffle=False, verbose=0)
means = running.layers[0].mean.numpy().tolist()
running.evaluate(real[:128], noise[:128, :1], verbose=0)
means += running.layers[0].mean.numpy().tolist()
running.predict(noise[:64, :2], verbose=0)
means += running.layers[0].mean.numpy().tolist()

traced, state = [], tf.Variable([1.0, 2.0])


@tf.function
def step(a, scale):
    traced.append(scale)
    state.assign_add(a * scale)
    return tf.reduce_sum(state), state * 2


for i in range(4):
    total, doubled = step(tf.constant([1.0, float(i)]), 0.5 if i < 3 else 2.0)
print(json.dumps({
    "gan": {k: v for k, v in sorted(gan_history.history.items())},
    "told": rates,
    "gan_weights": float(np.sum([np.abs(w).sum() for w in gan.generator.get_weights()])),
    "vae": {k: v for k, v in sorted(vae_history.history.items())},
    "evaluated": {k: float(v) for k, v in sorted(vae.evaluate(x, epsilon, batch_size=64, verbose=0, return_dict=True).items())},
    "rate": float(np.asarray(vae.optimizer.learning_rate)),
    "means": means,
    "traced": traced,
    "total": float(total),
    "doubled": doubled.numpy().tolist(),
}))
