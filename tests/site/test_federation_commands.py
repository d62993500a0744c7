"""``allmende follow`` and ``allmende federation``."""

from __future__ import annotations

from pathlib import Path

from tests.site.conftest import Installation


def test_without_anybody_there_is_little_to_say(installation: Installation) -> None:
    assert installation.json("follow", "--list") == {"following": []}
    told = installation.json("federation")
    assert told == {
        "handle": f"@region@127.0.0.1:{installation.port}",
        "followers": [],
        "blocked": [],
        "undelivered": 0,
    }
    assert "Nobody is followed yet." in installation.run("follow", "--list").stdout


def test_what_cannot_be_done_says_why(installation: Installation) -> None:
    for command, says in (
        (["follow", f"127.0.0.1:{installation.port}"], "this region itself"),
        (["follow", "http://127.0.0.1:9/actor"], "127.0.0.1"),
        (["follow", "--unfollow", "@a@example.org"], "is not followed"),
        (["federation", "--accept", "@a@example.org"], "does not follow"),
        (["federation", "--unblock", "example.org"], "is not blocked"),
        (["federation", "--block", "not a domain"], "example.org"),
    ):
        answer = installation.json(*command, exit_code=2)
        assert says in answer["error"], answer


def test_blocks_and_a_new_key(installation: Installation) -> None:
    told = installation.json("federation", "--block", "Spam.example.org", "--reason", "advertising")
    assert told["blocked"] == [{"domain": "spam.example.org", "reason": "advertising"}]
    assert installation.json("federation", "--unblock", "spam.example.org")["blocked"] == []
    read = "from allmende.federation.models import RegionActor; print(RegionActor.objects.get().public_key)"
    installation.run("federation", "--rotate-key")
    first = installation.python(read)
    installation.run("federation", "--rotate-key")
    assert installation.python(read) != first


def test_the_key_is_in_the_backup_and_a_lost_secret_is_found(installation: Installation, tmp_path: Path) -> None:
    installation.run("federation", "--rotate-key")
    read = "from allmende.federation.region import can_sign; from allmende.federation.models import RegionActor"
    before = installation.python(f"{read}; print(can_sign(), RegionActor.objects.get().public_key)")
    file = tmp_path / "backup.tar.gz"
    installation.run("backup", str(file))
    installation.run("federation", "--rotate-key")
    installation.run("restore", "--yes", str(file))
    assert installation.python(f"{read}; print(can_sign(), RegionActor.objects.get().public_key)") == before
    installation.environment["ALLMENDE_SECRET_KEY"] = "another secret that is long enough for the check"
    findings = {f["name"]: f for f in installation.json("check", exit_code=1)["findings"]}
    assert findings["federation"]["level"] == "fail"
    assert "--rotate-key" in findings["federation"]["remedy"]
    installation.run("federation", "--rotate-key")
    installation.run("check")


def test_the_setting_turns_it_off(installation: Installation) -> None:
    installation.environment["ALLMENDE_FEDERATION"] = "off"
    assert "turned off" in installation.json("follow", "@a@example.org", exit_code=2)["error"]
    assert "deliver to followers" not in installation.json("tick")["done"]
    installation.environment["ALLMENDE_FEDERATION"] = "perhaps"
    assert "open, approval or off" in installation.run("check", exit_code=4).stderr
