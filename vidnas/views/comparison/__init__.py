"""Several studies side by side: one task, groups by settings, means over seeds."""
