"""Copies of the weights in training, one a device, that all move alike."""
