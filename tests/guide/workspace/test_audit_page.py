"""Who did what: in words, for those whom it concerns, and as files that no spreadsheet takes for formulas."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from allmende.catalogue.actions import edit_item
from allmende.catalogue.models import Event, Source
from allmende.core.audit import record
from allmende.core.languages import LANGUAGES
from allmende.core.models import AuditEntry, User
from allmende.core.trail import Wanted, lines_that_fit, readable, shown_details
from allmende.guide.views.workspace.audit_lines import in_rows
from allmende.guide.views.workspace.audit_words import SENTENCES, sentence
from allmende.partners.models import Network, NetworkPerson
from tests.conftest import ROOT
from tests.guide.workspace.conftest import NOW, Deliver, People, event

pytestmark = pytest.mark.django_db
VARIANTS = {
    "catalogue.{}": ("catalogue.draft", "catalogue.submitted", "catalogue.published", "catalogue.withdrawn"),
    "partners.plan_{}": ("partners.plan_merged", "partners.plan_renamed", "partners.plan_split"),
    "core.{}": (),
    "networks.{}": (),
}
"""Actions whose names are put together: what can come out (nothing: see ``NOTES``)."""
NOTES = {("accounts", "_note"): "core", ("actions", "note"): "networks"}
"""(Folder, function) that writes the line of an action of a module; the verb is its second argument."""


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def actions_in(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return actions_in(node.body) + actions_in(node.orelse)
    if isinstance(node, ast.JoinedStr):
        shape = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        assert shape in VARIANTS, f"say in VARIANTS what can come out of {shape}"
        return list(VARIANTS[shape])
    return []


def actions_of_the_program() -> set[str]:
    found: set[str] = set()
    for path in Path(ROOT / "src" / "allmende").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        calls = [(getattr(node.func, "id", ""), node.args) for node in nodes if isinstance(node, ast.Call)]
        names = {args[0].id for name, args in calls if name == "record" and args and isinstance(args[0], ast.Name)}
        for name, args in calls:
            if name == "record" and args:
                found.update(actions_in(args[0]))
            elif (path.parent.name, name) in NOTES and len(args) > 1:
                found.update(f"{NOTES[path.parent.name, name]}.{verb}" for verb in actions_in(args[1]))
        for node in nodes:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
                found.update(actions_in(node.value))
    return found


def test_every_action_has_a_sentence() -> None:
    actions = actions_of_the_program()
    assert len(actions) > 140
    missing = sorted(actions - set(SENTENCES))
    assert not missing, f"Add sentences to guide/views/workspace/audit_words.py: {missing}"


def test_every_sentence_is_whole_in_every_language() -> None:
    for language in LANGUAGES:
        with translation.override(language):
            for action, text in SENTENCES.items():
                told = sentence(action, who="Anna", thing="“Concert”", person="Bo")
                assert "%" not in told
                assert set(re.findall(r"%\(\w+\)s", str(text))) <= {"%(who)s", "%(thing)s", "%(person)s"}


def test_an_action_without_a_sentence_can_still_be_read() -> None:
    assert sentence("pool.book_machine", who="Anna", thing="Mower", person="") == "Anna: pool: book machine, Mower"


@pytest.fixture
def trail(people: People, deliver: Deliver) -> None:
    """A museum's import, an edit, a calendar of one's own, a network's line, an account, the region's brand."""
    deliver(event("a", "Concert"))
    edit_item("event", Event.objects.get().pk, {"url": "https://example.org/"}, by=user("editor"), now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    colleague = user("colleague")
    NetworkPerson.objects.create(network=network, user=colleague, role="coordinator", since=NOW)
    record("test.network", ("network", network.pk), by=None, now=NOW)
    record("core.renew_calendar", ("user", user("member").pk), by=user("member"), now=NOW)
    record("guide.set_brand", ("brand", 1), by=None, now=NOW)


def actions(name: str) -> set[str]:
    return set(readable(user(name)).values_list("action", flat=True))


@pytest.mark.usefixtures("trail")
def test_everybody_reads_what_concerns_them() -> None:
    mine = {"partners.join", "core.renew_calendar"}  # how they came to their role; and what they did
    assert actions("member") == mine
    of_the_town = {"partners.join", "partners.found_organisation", "catalogue.import", "catalogue.edit"}
    assert actions("editor") >= of_the_town
    assert actions("editor") & {"guide.set_brand", "test.network", "core.renew_calendar"} == set()
    assert actions("manager") >= of_the_town | {"guide.set_brand"}  # the town is the destination organisation
    assert actions("colleague") == {"partners.join", "partners.found_organisation", "test.network"}
    assert actions("operator") == set(AuditEntry.objects.values_list("action", flat=True))
    about_others = readable(user("member")).exclude(about=user("member").pk).exclude(actor=user("member"))
    assert about_others.count() == 0


@pytest.mark.usefixtures("trail")
def test_the_page_tells_it_in_words_and_can_be_narrowed(people: People) -> None:
    def page(client: Client, query: str = "") -> str:
        answer = client.get(f"/en/workspace/audit/{query}")
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert "Editor edited “Concert”." in page(people.editor)
    assert "Editor edited" not in page(people.colleague)
    number = Event.objects.get().pk
    only = page(people.editor, f"?thing=event&number={number}&days=0")
    assert "Editor edited “Concert”." in only
    assert "role in" not in only
    assert "Editor edited" not in page(people.editor, "?who=member")
    assert "Editor edited" in page(people.editor, "?who=EDIT&action=catalogue.edit")
    assert "There is nothing that fits." in page(people.colleague, f"?thing=event&number={number}")
    assert page(people.editor, "?days=x&page=999999999999&number=x&thing=%00'")


def test_what_is_erased_has_no_name_and_secrets_are_not_shown(people: People) -> None:
    gone = User.objects.create_user("gone@example.org", name="Gone")
    record(
        "guide.set_brand", ("brand", 1), by=gone, now=NOW, fields=["name"], token="s3cret", deep={"password": "s3cret"}
    )
    gone.delete()
    html = str(people.operator.get("/en/workspace/audit/").content.decode())
    assert "former member changed the brand." in html
    assert "s3cret" not in html
    lines = str(people.operator.get("/en/workspace/audit/audit.jsonl").content.decode())
    assert "s3cret" not in lines
    assert shown_details({"key": "a1", "Api_Token": "x", "list": [{"secret": 1, "n": 2}]}) == {
        "key": "a1",
        "list": [{"n": 2}],
    }


def test_an_account_that_was_emptied_is_a_former_member(people: People) -> None:
    someone = user("colleague")
    record("guide.set_brand", ("brand", 1), by=someone, now=NOW)
    User.objects.filter(pk=someone.pk).update(name="", is_active=False)
    (row,) = in_rows(AuditEntry.objects.filter(action="guide.set_brand"), language="en")
    assert row.text == "former member changed the brand."


def test_files_hold_the_same_lines_and_no_formulas(people: People, source: Source) -> None:
    source.title = "=HYPERLINK(1)"
    source.save()
    record("catalogue.change_source", ("source", source.pk), by=user("manager"), now=NOW, fields=["title"], note="+1+1")
    table = people.manager.get("/en/workspace/audit/audit.csv?action=catalogue.change_source")
    assert table["Content-Disposition"] == 'attachment; filename="audit.csv"'
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["thing"] == "'=HYPERLINK(1)"
    assert json.loads(row["details"]) == {"fields": ["title"], "note": "+1+1"}
    lines = people.manager.get("/en/workspace/audit/audit.jsonl?action=catalogue.change_source").content.splitlines()
    told = [json.loads(line) for line in lines]
    assert [(one["who"], one["thing"]) for one in told] == [("Manager", "=HYPERLINK(1)")]
    for other in (people.colleague, people.member):
        answer = other.get("/en/workspace/audit/audit.jsonl?action=catalogue.change_source")
        assert answer.content == b""


@pytest.mark.parametrize("n", [1, 3])
def test_words_cost_the_same_for_one_line_and_for_three(
    people: People, deliver: Deliver, n: int, django_assert_num_queries: Any
) -> None:
    deliver(*(event(str(number), f"Event {number}") for number in range(n)))
    for entry in Event.objects.all():
        record("catalogue.published", ("event", entry.pk), by=user("editor"), now=NOW)
    lines = lines_that_fit(user("manager"), Wanted(action="catalogue.published"), now=NOW)
    with django_assert_num_queries(3):
        assert len(in_rows(list(lines), language="en")) == n
