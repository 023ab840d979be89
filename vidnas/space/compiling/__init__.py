"""From a declared space to the steps that compute a candidate."""
