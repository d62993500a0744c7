"""Views of the public site, by page group.  Each asks queries for plain values and hands them to a template."""
