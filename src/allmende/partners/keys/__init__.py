"""Keys for other systems: made and revoked by managers, asked at the API's door.

A key acts in the name of the person who made it, and for one organisation only.  So it never reaches further than that
person, and it stops when they leave, whatever else is said about it.
"""
