"""Keras Tuner, both ways: our spaces in its tuners, our strategies as its oracle."""
