"""Which version is this? The one place that says it."""

__version__ = "0.1.0"
