"""The only code of the partners that imports engines or formats."""
