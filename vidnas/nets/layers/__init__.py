"""Layers of video networks."""
