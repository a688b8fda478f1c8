"""What a newcomer runs first: the sample clip (`samples.build`) and the graphs that work on it."""
