"""What was trained and found: recipe, fidelity, trial, front, family."""
