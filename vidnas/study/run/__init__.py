"""One run of a study: which trial comes next, and what becomes of it."""
