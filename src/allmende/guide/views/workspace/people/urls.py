"""Addresses of the pages about people, below ``workspace/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from allmende.guide.views.workspace.people import data, joining, mailbox, members

_OF = "organisations/<int:pk>/people/"

urlpatterns: list[URLPattern] = [
    path("people/", members.overview, name="workspace_people"),
    path(_OF, members.people, name="workspace_organisation_people"),
    path(f"{_OF}<int:member>/role/", members.role, name="workspace_member_role"),
    path(f"{_OF}<int:member>/deputy/", members.name_deputy, name="workspace_member_deputy"),
    path(f"{_OF}<int:member>/leave/", members.leave, name="workspace_member_leave"),
    path("people/deputies/<int:pk>/end/", members.end_deputy, name="workspace_deputy_end"),
    path("people/invitations/<int:pk>/again/", members.invite_again, name="workspace_invite_again"),
    path("people/invitations/<int:pk>/revoke/", members.revoke, name="workspace_invite_revoke"),
    path("people/requests/<int:pk>/", members.decide, name="workspace_join_decide"),
    path("invitations/<str:token>/", joining.invitation, name="workspace_invitation"),
    path("join/", joining.join, name="workspace_join"),
    path("join/<int:pk>/", joining.ask, name="workspace_join_ask"),
    path("join/confirm/<str:token>/", joining.confirm, name="workspace_join_confirm"),
    path("account/data/", data.data, name="workspace_data"),
    path("account/data/export/", data.data_export, name="workspace_data_export"),
    path("account/data/export/tables/", data.data_tables, name="workspace_data_tables"),
    path("account/data/all/", data.data_to_read, name="workspace_data_to_read"),
    path("account/data/erase/", data.erase, name="workspace_data_erase"),
    path("account/consent/", data.consents, name="workspace_consent"),
    path("erasures/", data.erasures, name="workspace_erasures"),
    path("processing/", data.processing, name="workspace_processing"),
    path("mailbox/", mailbox.mailbox, name="workspace_mailbox"),
    path("mailbox/<str:name>/<int:number>/", mailbox.read, name="workspace_letter"),
]
