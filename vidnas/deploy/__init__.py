"""A network on a device: run in LiteRT, and timed."""
