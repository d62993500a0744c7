"""The translation desk: what lacks which language, translations by people, and by a service where one is set.

``queries`` says what is to do, ``actions`` saves what a person wrote or a service answered, ``service`` is the plug-in point.
"""
