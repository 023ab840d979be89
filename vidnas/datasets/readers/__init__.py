"""Readers of datasets: each gives the index of one layout that people have."""
