"""The pure part: spaces, architectures, costs, fronts, strategies (numpy only)."""
