"""Pictures of networks as SVG: blocks, colours, strips, and whole drawings."""
