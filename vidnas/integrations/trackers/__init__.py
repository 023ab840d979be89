"""Trackers: a study shown in TensorBoard, MLflow or Weights & Biases."""
