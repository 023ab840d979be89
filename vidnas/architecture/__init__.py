"""What a network is, as data: its parts, its identity, its document."""
