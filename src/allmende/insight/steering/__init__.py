"""What guests are told about how full a place is, and where or when it is quieter.

Two doors: ``queries`` and ``actions``.  ``inputs`` reads figures and forecasts, ``busyness`` puts them into words as far as
the owner of a place shows them, ``alternatives`` finds quieter places that fit, ``lots`` decides by lot where that is being
measured.
"""
