"""Other libraries: Keras Tuner and Optuna speak their words here only."""
