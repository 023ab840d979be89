"""Video in: list, decode, augment, batch; and the generated motion clips."""
