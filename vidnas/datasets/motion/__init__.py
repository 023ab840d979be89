"""Generated clips of eight motions, for whoever has no dataset."""
