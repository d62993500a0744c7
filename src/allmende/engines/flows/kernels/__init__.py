"""Compiled kernels: what goes event by event or stay by stay.  NumPy arrays in and out; the only home of Numba.

Every engine (one process on Parquet, or Spark's workers) runs these same functions, so that results agree to the bit.
Times are whole seconds, coordinates whole units of 1e-7 degrees (about a centimetre) or metres; sums are of whole numbers
wherever order could differ.
"""
