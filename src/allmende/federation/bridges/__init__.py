"""To the formats of the federation and from them."""
