"""A graph that is alive: sources that run, a clock, a programme that never stalls."""
