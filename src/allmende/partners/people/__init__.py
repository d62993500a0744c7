"""People in organisations: how they come in, what they may, who stands in for them, and how they leave.

Nouns: ``Invitation`` (a letter with a link), ``JoinRequest``, ``Membership``, ``Deputy``, ``HandOver`` (what goes to whom).

Verbs: ``invite_person``, ``invite_to_network``, ``invite_organisation``, ``accept_invitation``, ``ask_to_join``,
``decide_request``, ``change_role``, ``name_deputy``, ``leave_organisation``.
"""
