"""My day, tasks, notices, letters, the calendar, and who did what."""

from __future__ import annotations

from typing import Final

from allmende.core.letters import off_token
from allmende.partners.models import Task
from tests.site.matrix.harness import NOW, OPEN, SIGNED_IN, Row, World

DONE: Final = SIGNED_IN.replace("200", "303")
NOWHERE: Final = "404 404 404 404 404 404 404"
THE_TOWN: Final = "302 404 303 303 303 404 303"

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_tasks": (Row(SIGNED_IN), Row("302 422 422 422 422 422 422", "POST", {"title": ""})),
    "workspace_task_done": (Row(THE_TOWN, "POST"),),
    "workspace_task_open": (Row(THE_TOWN, "POST"),),
    "workspace_notices": (Row(SIGNED_IN),),
    "workspace_notices_read": (Row(DONE, "POST", {"all": "1"}),),
    "workspace_notices_unread": (Row(DONE, "POST", {"read": NOW.isoformat()}),),
    # Only a network of one's own can be muted.
    "workspace_notices_mute": (Row("302 404 303 303 303 303 404", "POST", {"within": "network:1", "mute": "1"}),),
    "workspace_letters": (Row(SIGNED_IN), Row(DONE, "POST", {"every": "off", "weekday": "0", "hour": "7"})),
    # A session opens no calendar: only its token does.
    "workspace_calendar": (Row(NOWHERE),),
    "workspace_calendar_renew": (Row(SIGNED_IN, "POST"), Row(DONE, "POST", {"end": "1"})),
    "workspace_audit": (Row(SIGNED_IN),),
    "workspace_audit_csv": (Row(SIGNED_IN),),
    "workspace_audit_jsonl": (Row(SIGNED_IN),),
    # Whoever has the link from a letter may end the letters, and nothing else.
    "letters_off": (Row(OPEN), Row(OPEN, "POST")),
}


def build(world: World) -> None:
    task = Task.objects.create(title="Sweep", organisation=world.town, created_at=NOW)
    for name in ("done", "open"):
        world.args[f"workspace_task_{name}"] = {"pk": task.pk}
    world.args["letters_off"] = {"token": off_token(world.people["member"], "digest")}
    mute = ROWS["workspace_notices_mute"][0].data
    assert mute is not None
    mute["within"] = f"network:{world.network.pk}"
