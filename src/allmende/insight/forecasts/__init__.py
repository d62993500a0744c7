"""What is expected at measured places, and how good earlier expectations were.  Doors: ``actions`` and ``queries``."""
