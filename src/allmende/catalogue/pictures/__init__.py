"""The library of pictures of each organisation: upload, rights, where they are shown.

``queries`` reads it, ``actions`` changes it, ``rights`` warns before rights end and takes off the pages what may not be shown.
"""
