"""Networks: architectures as Keras 3 models on TensorFlow."""
