from ..layer_values import L, case


def cases():
    one, two, three = (7, 3), (6, 5, 2), (4, 3, 5, 2)
    yield case(L.Conv1D(4, 3), one)
    yield case(L.Conv1D(2, 2, strides=2, padding="same", activation="tanh"), one)
    yield case(L.Conv1D(4, 3, padding="causal", dilation_rate=2), one)
    yield case(L.Conv1D(4, 2, padding="causal", strides=3, use_bias=False), one)
    yield case(L.Conv1D(6, 3, groups=3, padding="same"), one)
    yield case(L.Conv1D(3, 1, activation="relu"), one)
    yield case(L.Conv1D(2, 3, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="max_norm",
                        bias_constraint="non_neg", kernel_initializer="he_normal", bias_initializer="ones"), one)

    yield case(L.Conv2D(3, 3), two)
    yield case(L.Conv2D(3, (2, 3), padding="same", activation="relu"), two)
    yield case(L.Conv2D(2, (3, 2), strides=(2, 1)), two)
    yield case(L.Conv2D(2, 3, strides=2, padding="same"), two)
    yield case(L.Conv2D(2, 2, dilation_rate=(2, 3)), two)
    yield case(L.Conv2D(2, 3, dilation_rate=2, padding="same", use_bias=False), two)
    yield case(L.Conv2D(4, 2, groups=2), two)
    yield case(L.Conv2D(17, 1), two)
    yield case(L.Conv2D(2, 1, strides=2, trainable=False), two)
    yield case(L.Conv2D(9, 3, padding="same"), (3, 3, 9))
    yield case(L.Conv2D(2, 2, activity_regularizer="l1"), two)

    yield case(L.Conv3D(2, 2), three)
    yield case(L.Conv3D(2, (1, 2, 3), strides=(2, 1, 2), padding="same", activation="sigmoid"), three)
    yield case(L.Conv3D(2, 3, padding="same", use_bias=False), three)
    yield case(L.Conv3D(2, (2, 1, 2), dilation_rate=(2, 1, 2)), three)
    yield case(L.Conv3D(2, 1, groups=2), three)

    yield case(L.Conv1DTranspose(4, 3), one)
    yield case(L.Conv1DTranspose(2, 3, strides=2, padding="same", activation="tanh"), one)
    yield case(L.Conv1DTranspose(2, 2, strides=3, use_bias=False), one)
    yield case(L.Conv1DTranspose(2, 4, strides=2, output_padding=1), one)
    yield case(L.Conv2DTranspose(3, 3), two)
    yield case(L.Conv2DTranspose(3, (2, 3), strides=(2, 1), padding="same", activation="relu"), two)
    yield case(L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1), two)
    yield case(L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=0), two)
    yield case(L.Conv2DTranspose(2, 2, strides=(3, 2), output_padding=(2, 0), use_bias=False), two)
    yield case(L.Conv2DTranspose(2, 1, strides=3, padding="same"), two)
    yield case(L.Conv2DTranspose(2, 3, kernel_regularizer="l2", activity_regularizer="l2", kernel_constraint="unit_norm"), two)
    yield case(L.Conv3DTranspose(2, 2), three)
    yield case(L.Conv3DTranspose(2, (1, 3, 2), strides=(2, 1, 2), padding="same", activation="tanh"), three)
    yield case(L.Conv3DTranspose(2, 3, strides=2, padding="same", use_bias=False, output_padding=1), (2, 2, 3, 1))

    yield case(L.SeparableConv1D(4, 3), one)
    yield case(L.SeparableConv1D(4, 2, strides=2, padding="same", depth_multiplier=2, activation="relu"), one)
    yield case(L.SeparableConv1D(2, 3, dilation_rate=2, use_bias=False), one)
    yield case(L.SeparableConv2D(4, 3), two)
    yield case(L.SeparableConv2D(4, (2, 3), padding="same", depth_multiplier=3, activation="tanh"), two)
    yield case(L.SeparableConv2D(4, 2, strides=2), two)
    yield case(L.SeparableConv2D(3, 2, dilation_rate=2, padding="same", depthwise_regularizer="l2", pointwise_regularizer="l1",
                                 bias_regularizer="l2", activity_regularizer="l1", depthwise_constraint="max_norm", pointwise_constraint="non_neg",
                                 bias_constraint="non_neg", depthwise_initializer="ones", pointwise_initializer="he_uniform"), two)

    yield case(L.DepthwiseConv1D(3), one)
    yield case(L.DepthwiseConv1D(2, strides=2, padding="same", depth_multiplier=2, activation="relu"), one)
    yield case(L.DepthwiseConv1D(2, dilation_rate=3, use_bias=False), one)
    yield case(L.DepthwiseConv2D(3), (5, 4, 9))
    yield case(L.DepthwiseConv2D((2, 3), padding="same", depth_multiplier=3, activation="tanh"), two)
    yield case(L.DepthwiseConv2D(2, strides=2), two)
    yield case(L.DepthwiseConv2D(3, dilation_rate=2, padding="same", depthwise_regularizer="l2", bias_regularizer="l1",
                                 activity_regularizer="l2", depthwise_constraint="max_norm", bias_constraint="non_neg"), two)
    yield case(L.DepthwiseConv2D(2, strides=2, dilation_rate=2, padding="same"), two)
