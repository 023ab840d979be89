"""Gaussian processes, proportions and ranks."""
