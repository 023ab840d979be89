"""Studies: experiment files, journals, workers, processes and clocks."""
