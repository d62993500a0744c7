"""Compiled inner loops of the forecasts: likelihoods, filters, a simplex search.  Arrays in, arrays out."""
