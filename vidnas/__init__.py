"""vidnas: architecture search for video networks."""
