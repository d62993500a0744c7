"""Checks of the tree that no ready-made tool does.

tidy.py translations TEMPLATE CATALOGUE    every string has its translation
tidy.py requirements                       requirements.txt (and -spark.txt) pin what pyproject.toml asks for
tidy.py extra NAME                         prints what an extra of pyproject.toml asks for
tidy.py links                              the documents' links lead somewhere
tidy.py addresses                          nothing names a package registry or a folder of one machine
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from babel.messages.pofile import read_po
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# Written so that this file does not find itself.
REGISTRIES = r"(p[y]pi|python[h]osted|registry\.n[p]mjs|d[e]b\.deb[i]an)\.(org|com)"
FOLDERS = r"(^|[^[:alnum:].])/(w[o]rk|r[o]ot|f[a]rm|tmp/b[a]sh_jobs)/"


def translations(template: str, catalogue: str) -> list[str]:
    """Strings of the template that the catalogue lacks, or only guesses."""
    if not Path(catalogue).exists():
        return [f"{catalogue} is missing: run `make messages`"]
    with open(template, "rb") as file:
        wanted = read_po(file)
    with open(catalogue, "rb") as file:
        known = read_po(file)
    problems = []
    for message in wanted:
        if not message.id:
            continue
        found = known.get(message.id, context=message.context)
        texts = [] if found is None else list(found.string) if found.pluralizable else [found.string]
        if not texts or not all(texts) or (found is not None and found.fuzzy):
            problems.append(f"{catalogue}: {message.id!r} is not translated")
        elif found is not None:
            problems += [f"{catalogue}: {message.id!r}: {error}" for error in found.check()]
            if placeholders(message.id) != placeholders(texts):
                problems.append(f"{catalogue}: {message.id!r} has other placeholders than its translation")
            if "/fr/" in catalogue:
                wrong = [place for text in texts for place in french_spaces(text)]
                problems += [f"{catalogue}: {message.id!r}: no-break space at “{place}”" for place in wrong]
    return problems


def french_spaces(text: str) -> list[str]:
    """Places where a French text lacks the space that keeps ``: ; ? !`` and the inside of « » on their line.

    Either no-break space is right (U+00A0, U+202F); times, addresses, code in backticks and entities are left alone.
    """
    bare = re.sub(r"https?://\S+|`[^`]*`|&#?\w+;", "", text)
    found = re.finditer(
        r"\S*[^\S\u00a0\u202f][:;?!»]|[^\s:;?!.…»][:;?!](?=\s|$)|[^\s][»]|«(?![\u00a0\u202f]).?\S*", bare
    )
    return [match[0] for match in found]


def placeholders(text: str | list[str] | tuple[str, ...]) -> set[str]:
    """``{name}`` and ``%(name)s`` in a string, or in any of its plural forms."""
    whole = text if isinstance(text, str) else " ".join(text)
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}", whole))


def requirements() -> list[str]:
    """Dependencies that are not pinned, or pinned outside of their range."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    problems = pinned("requirements.txt", [*project["dependencies"], *extras["dev"]])
    problems += pinned("requirements-spark.txt", extras["spark"])
    # both are installed into one environment
    own, spark = pins("requirements.txt"), pins("requirements-spark.txt")
    return problems + [
        f"requirements-spark.txt has {name} {', '.join(sorted(spark[name]))}, requirements.txt "
        f"{', '.join(sorted(own[name]))}: make requirements"
        for name in sorted(own.keys() & spark.keys())
        if not spark[name] <= own[name]
    ]


def pins(file: str) -> dict[str, set[str]]:
    """Packages of a file and their versions (several where they differ by Python)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.!+-]+)", (ROOT / file).read_text(), re.MULTILINE):
        found.setdefault(normal(name), set()).add(version)
    return found


def pinned(file: str, wanted: list[str]) -> list[str]:
    """What of the wanted a file does not pin within its range, or without hashes."""
    known = pins(file)
    problems = []
    for line in wanted:
        asked = Requirement(line)
        versions = known.get(normal(asked.name), set())
        if not versions or not all(asked.specifier.contains(v, prereleases=True) for v in versions):
            has = ", ".join(sorted(versions)) or "none"
            problems.append(f"{file} has {asked.name} {has}, pyproject.toml wants {line}: make requirements")
    if "--hash=" not in (ROOT / file).read_text():
        problems.append(f"{file} has no hashes: make requirements")
    return problems


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def links() -> list[str]:
    """Links between documents that lead nowhere."""
    problems = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (path.parent / target.partition("#")[0]).exists():
                problems.append(f"{path.relative_to(ROOT)}: {target} is not there")
    return problems


def addresses() -> list[str]:
    """Lines under version control that hold only on the machine they were written on."""
    found = subprocess.run(
        ["git", "grep", "-nIE", f"{REGISTRIES}|{FOLDERS}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [line[:160] for line in found.stdout.splitlines()]


def extra(name: str) -> list[str]:
    """What an extra of pyproject.toml asks for."""
    found: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][name]
    return found


def main(args: list[str]) -> int:
    if args[0] == "extra":
        print("\n".join(extra(args[1])))
        return 0
    checks = {"translations": translations, "requirements": requirements, "links": links, "addresses": addresses}
    problems = checks[args[0]](*args[1:])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
