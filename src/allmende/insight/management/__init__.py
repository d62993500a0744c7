"""Commands that this module’s own jobs start."""
