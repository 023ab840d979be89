"""Values of documents with their lines, and how quantities are written."""
