"""Ladder search: its model, its candidates, its model of success, itself."""
