"""The only code of the catalogue that imports engines or formats."""
