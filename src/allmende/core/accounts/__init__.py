"""Accounts: who somebody is, how sure we are of it, and where they are signed in.

Nouns: the second factor (an authenticator app, passkeys, recovery codes), an identity (an account elsewhere, by OpenID
Connect), a sign-in (a session on a device), a confirmation (the password or a passkey, moments ago).

Doors: ``queries`` (reads), ``actions`` (changes: audit line, and word to the person), and for the edge ``session`` (what a
session remembers) and ``oidc`` (to a provider and back).  ``factors``, ``adapters`` and ``oidc`` are the only code that knows
django-allauth; see docs/decisions/0021.
"""
