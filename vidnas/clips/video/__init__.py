"""One video file: what it holds, and its frames as a player shows them."""
