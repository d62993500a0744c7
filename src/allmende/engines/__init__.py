"""Engines: computation that knows no database and no web framework; values in, values out."""

import os

# One thread for linear algebra: for matrices of some hundred rows more threads burn thirty times the CPU by waiting for
# each other, and the other core serves somebody else.  Read when NumPy is loaded, which is after this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
