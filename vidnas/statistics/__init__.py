"""Gaussian processes, proportions, ranks, what values depend on; fronts, volumes."""
