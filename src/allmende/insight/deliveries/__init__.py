"""Deliveries of figures: read, match columns, preview, apply, take back; by page, by command, by watched folder."""
