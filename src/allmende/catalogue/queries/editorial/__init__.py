"""Reads for the way of a record to the public.  Each takes the person and answers only for what they may see."""
