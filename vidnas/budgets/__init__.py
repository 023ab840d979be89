"""What a candidate may cost: prices, limits, and what fits them."""
