"""What `benchmarks/keying.py` is made of: truth, peers, real plates, measures, tables and sheets."""
