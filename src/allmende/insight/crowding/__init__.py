"""How full places are: counted when figures change (``actions``), read by pages and by the guide (``queries``)."""
