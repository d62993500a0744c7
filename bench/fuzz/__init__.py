"""Readers under a fuzzer that watches which lines they reach."""
