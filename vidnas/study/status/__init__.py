"""What is a study doing now? Read from its folder alone, by whoever may read it."""
