"""Neighbourhood filters over planar float32 pictures, one module per family.

Every filter is `name(src, dst, ..., pool)`. `dst` is `(channels, height, width)`, `src` is
the same picture grown on every side by what `name_reach(...)` answers in whole pixels; the
last axis of both is contiguous, rows and channels may be strided (views of larger frames).
What lies outside the data window is whatever the caller padded with, so no filter has an
edge rule of its own. Filters never write `src` and give the same bits for any number of
threads.

Import the modules inside functions: each one pulls in Numba.
"""
