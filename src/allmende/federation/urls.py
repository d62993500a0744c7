"""Addresses of the federation.  They stand under no language: programs ask for them."""

from __future__ import annotations

from django.urls import URLPattern, path

from allmende.federation import views

urlpatterns: list[URLPattern] = [
    path(".well-known/webfinger", views.webfinger, name="webfinger"),
    path(".well-known/nodeinfo", views.nodeinfo_links, name="nodeinfo_links"),
    path("federation/nodeinfo/<slug:major>.<slug:minor>", views.nodeinfo, name="nodeinfo"),
    path("federation/actor", views.actor, name="federation_actor"),
    path("federation/inbox", views.inbox, name="federation_inbox"),
    path("federation/outbox", views.outbox, name="federation_outbox"),
    path("federation/followers", views.followers, name="federation_followers"),
    path("federation/following", views.following, name="federation_following"),
    path("federation/upcoming", views.upcoming, name="federation_upcoming"),
    path("federation/events/<int:pk>", views.event, name="federation_event"),
]
