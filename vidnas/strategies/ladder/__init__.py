"""Ladder search: its model, its candidates, itself."""
