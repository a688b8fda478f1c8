"""The drawing layer: Dear PyGui, and nothing that decides."""
