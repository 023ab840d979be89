"""Strategies: what proposes candidates, one file each."""
