"""Gaussian blur."""
from nodegraph.node import Filter, Float
from math import ceil

class Blur(Filter):
    """Gaussian blur."""
    id = "nodegraph.filter.blur"
    size = Float(4, 0, 1000, unit="px", help="sigma")
    def reach(self, q):
        from nodegraph.kernels.filters import gaussian_reach
        r = gaussian_reach(q.p.size, q.p.size)
        return r
    def apply(self, q, src, dst, region, pool):
        from nodegraph.kernels.filters import gaussian
        gaussian(src, dst, q.p.size, q.p.size, pool)
