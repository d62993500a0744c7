"""The only code of the guide that imports engines and formats."""
