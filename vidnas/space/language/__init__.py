"""How a space is written: places, options, expressions, documents."""
