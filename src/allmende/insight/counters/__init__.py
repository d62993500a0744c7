"""Counters that report by themselves: their readings are taken at once, and added to the figures every minute."""
