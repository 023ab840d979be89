"""Weights, from files of ours and from official checkpoints."""
