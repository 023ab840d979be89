"""vidnas: architecture search for video networks."""

__version__ = "0.1.0"
