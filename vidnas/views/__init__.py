"""Views: figures, the report page, notebook displays."""
