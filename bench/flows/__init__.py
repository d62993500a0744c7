"""How accurate and how fast the visitor-flow engine is, on simulated events of which everything is known."""
