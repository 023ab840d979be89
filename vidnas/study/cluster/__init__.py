"""Launch files for a cluster, and checks of its machines."""
