"""Signing in, step by step, and a person's own account: what guards it, and where it is open."""
