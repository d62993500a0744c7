"""What every part of the API shares: problems, answers with validators, cursors, texts, limits.  Knows no module."""
