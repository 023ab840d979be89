"""Training: one architecture, clips and a fidelity become measured numbers."""
