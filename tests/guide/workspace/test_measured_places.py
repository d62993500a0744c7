"""The pages of measured places, walked through by people."""

from __future__ import annotations

import pytest

from allmende.catalogue.models import Place
from allmende.core.text import translated
from allmende.insight.models import Site
from allmende.partners.models import Network, NetworkOrganisation, Organisation
from tests.guide.workspace.conftest import NOW, People, form_of, note_of, words
from tests.insight.conftest import hours_of

BASE = "/en/workspace/insight/"
TOLD = {
    "name": "Place aux Herbes", "kind": "street", "timezone": "Europe/Paris", "lively_from": "50", "full_from": "85",
    "sharing": "owner", "shown": "nothing", "do": "save",
}  # fmt: skip


def town() -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


@pytest.fixture
def site(people: People) -> Site:
    return Site.objects.create(
        organisation=town(), name="Duché", slug="duche", timezone="Europe/Paris", created_at=NOW, updated_at=NOW
    )


def test_only_who_edits_comes_to_the_settings(people: People, site: Site) -> None:
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda one: one.get(f"{BASE}sites/duche/settings/")) == expected
    posted = people.answers(lambda one: one.post(f"{BASE}sites/duche/settings/", {"do": "end"}))
    assert posted == {**expected, "editor": 303, "manager": 303, "operator": 303}
    seen = people.answers(lambda one: one.get(f"{BASE}sites/"))
    assert seen == dict.fromkeys(expected, 200) | {"stranger": 302}
    assert "Duché" not in words(people.colleague.get(f"{BASE}sites/"))
    assert people.member.get(f"{BASE}sites/new/").status_code == 404


def test_a_place_is_measured_and_changed(people: People) -> None:
    answer = people.editor.post(f"{BASE}sites/new/", {**TOLD, "organisation": str(town().pk)})
    assert answer.status_code == 303
    site = Site.objects.get()
    assert answer.headers["Location"] == f"{BASE}sites/place-aux-herbes/settings/"
    page = words(people.editor.get(answer.headers["Location"]))
    assert "Place aux Herbes" in page
    told = {**TOLD, "capacity": "300", "capacity_basis": "counted", "lon": "4.42", "lat": "44.01"}
    note_of(people.editor.post(answer.headers["Location"], told))
    site.refresh_from_db()
    assert (site.capacity, site.lon, site.lively_from) == (300, 4.42, 0.5)
    page = words(people.editor.get(answer.headers["Location"]))
    assert "Latest changes" in page


def test_nothing_typed_is_lost_on_an_error(people: People) -> None:
    told = {**TOLD, "organisation": str(town().pk), "about": "By the plane trees", "capacity": "many", "lon": "4.4"}
    answer = people.editor.post(f"{BASE}sites/new/", told)
    page = words(answer)
    assert answer.status_code == 422
    assert all(text in page for text in ("Place aux Herbes", "By the plane trees", 'value="many"', 'value="4.4"'))
    assert "Write a whole number of people" in page


def test_the_calculator_fills_the_form_and_saves_nothing(people: People, site: Site) -> None:
    told = {**TOLD, "name": "Renamed", "do": "calculate", "square_metres": "2000", "per_person": "5"}
    page = words(people.editor.post(f"{BASE}sites/duche/settings/", told))
    assert 'value="400"' in page
    assert "2000 m² at 5 m²" in page
    assert 'value="Renamed"' in page
    site.refresh_from_db()
    assert (site.name, site.capacity) == ("Duché", None)


def test_the_past_is_offered_and_taken_over(people: People, site: Site) -> None:
    hours_of(site, [float(n % 100 + 1) for n in range(1000)], until=NOW)
    assert "The past suggests 99" in words(people.editor.get(f"{BASE}sites/duche/settings/"))
    page = words(people.editor.post(f"{BASE}sites/duche/settings/", {**TOLD, "do": "past"}))
    assert 'value="99"' in page


def test_a_place_of_the_guide_brings_what_is_known_of_it(people: People) -> None:
    place = Place.objects.create(
        organisation=town(), state="published", slug="musee", sort_name="musee du bonbon", language="fr",
        name=translated({"fr": "Musée du Bonbon"}, "fr"), category="museum", lon=4.43, lat=44.0, timezone="Europe/Paris",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    found = words(people.editor.get(f"{BASE}sites/new/?q=bonbon"))
    assert f"?place={place.pk}" in found
    page = words(people.editor.get(f"{BASE}sites/new/?place={place.pk}"))
    assert all(text in page for text in ("Musée du Bonbon", 'value="4.43"', 'value="44"'))
    assert "Musée du Bonbon" not in words(people.colleague.get(f"{BASE}sites/new/?place={place.pk}"))
    museum = Organisation.objects.get(name="Musée de Nîmes")
    told = {**TOLD, "organisation": str(museum.pk), "place": str(place.pk)}
    assert "Only who keeps this place" in words(people.colleague.post(f"{BASE}sites/new/", told))
    told["organisation"] = str(town().pk)
    assert people.editor.post(f"{BASE}sites/new/", told).status_code == 303
    assert Site.objects.get().place == place
    assert f"?place={place.pk}" not in words(people.editor.get(f"{BASE}sites/new/?q=bonbon"))


def test_a_change_is_put_back_with_one_button(people: People, site: Site) -> None:
    here = f"{BASE}sites/duche/settings/"
    people.editor.post(here, {**TOLD, "name": "Palais"})
    page = words(people.editor.get(here))
    number = page.partition('name="change" value="')[2].partition('"')[0]
    assert note_of(people.editor.post(here, {"do": "undo", "change": number})) == ["Put back as it was."]
    site.refresh_from_db()
    assert site.name == "Duché"
    assert people.editor.post(here, {"do": "undo", "change": "999999"}).status_code == 404


def test_it_ends_and_begins_again(people: People, site: Site) -> None:
    here = f"{BASE}sites/duche/settings/"
    people.editor.post(here, {"do": "end", "ended_on": "2026-10-01"})
    site.refresh_from_db()
    assert str(site.ended_on) == "2026-10-01"
    assert "Duché" not in words(people.editor.get(f"{BASE}sites/"))
    assert "year-month-day" in note_of(people.editor.post(here, {"do": "end", "ended_on": "1.9.2026"}))[0]
    site.refresh_from_db()
    assert str(site.ended_on) == "2026-10-01"
    people.editor.post(here, {"do": "reopen"})
    assert "Duché" in words(people.editor.get(f"{BASE}sites/"))


def test_a_space_says_who_shares_what_to_those_in_it(people: People, site: Site) -> None:
    space = Network.objects.create(name="Gard", slug="gard", kind="insight", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=space, organisation=town(), since=NOW)
    Site.objects.filter(pk=site.pk).update(network=space, sharing="network")
    expected = {"member": 200, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda one: one.get(f"{BASE}spaces/gard/")) == expected
    assert "Duché" in words(people.member.get(f"{BASE}spaces/gard/"))
    assert "Gard" in words(people.member.get(f"{BASE}spaces/"))
    # A new region joins: from now on its people see what is shared.
    museum = Organisation.objects.get(name="Musée de Nîmes")
    NetworkOrganisation.objects.create(network=space, organisation=museum, since=NOW)
    assert "Duché" in words(people.colleague.get(f"{BASE}sites/?whose=shared"))
    assert people.colleague.get(f"{BASE}spaces/gard/").status_code == 200


def test_the_form_sends_what_it_shows(people: People, site: Site) -> None:
    """Saving without touching anything changes nothing."""
    Site.objects.filter(pk=site.pk).update(
        lively_from=0.333, capacity=70, capacity_basis="judged", lon=4.4199999, lat=44
    )
    html = words(people.editor.get(f"{BASE}sites/duche/settings/")).replace('class="site-form"', 'id="f"')
    values = {name: found[0] for name, found in form_of(html, "f").items()}
    answer = people.editor.post(f"{BASE}sites/duche/settings/", {**values, "do": "save"})
    assert note_of(answer) == ["Nothing was changed."]
