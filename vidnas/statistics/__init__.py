"""Gaussian processes, proportions, ranks; fronts of costs and their volumes."""
