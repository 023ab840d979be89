"""Text about studies and spaces."""
