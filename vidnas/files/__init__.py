"""Files on disk: YAML, journals, whole files, names to objects."""
