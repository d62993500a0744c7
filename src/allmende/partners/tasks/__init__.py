"""Tasks: what somebody in an organisation or a network is to do.

Verbs: make, change, finish, take up again, remove.  Whoever belongs to the task's home sees it, and nobody else: not even the person it was
given to, once they have left.
"""
