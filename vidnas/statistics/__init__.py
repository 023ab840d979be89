"""Gaussian processes, proportions, ranks, and what values depend on."""
