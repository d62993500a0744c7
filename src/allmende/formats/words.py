"""What people write into tables, in German, Swedish, Danish, Dutch, French and English: months, yes and no, audiences.

All words are folded: lower case, without accents (:func:`fold`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"})
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Words of ``text`` in lower case, without accents and punctuation, one space between them."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    text = "".join(char for char in text if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


def _table(rows: Iterable[tuple[int | str, str]]) -> dict[str, int | str]:
    return {word: value for value, words in rows for word in words.split()}


def _phrases(rows: Mapping[str, str]) -> dict[str, str]:
    return {fold(phrase): value for value, phrases in rows.items() for phrase in phrases.split(",")}


# de, sv, da, nl, fr, en with the usual abbreviations
MONTHS: Final[dict[str, int]] = {
    word: int(number)
    for word, number in _table(
        [
            (1, "januar januari janvier january jan janv jaenner janner"),
            (2, "februar februari fevrier february feb fevr fev febr"),
            (3, "marz maerz mars marts maart march mar mrt mrz"),
            (4, "april avril apr avr"),
            (5, "mai maj mei may"),
            (6, "juni juin june jun"),
            (7, "juli juillet july jul juil"),
            (8, "august augusti augustus aout aug"),
            (9, "september septembre sep sept"),
            (10, "oktober octobre october okt oct"),
            (11, "november novembre nov"),
            (12, "dezember december decembre dez dec"),
        ]
    ).items()
}

WEEKDAYS: Final[dict[str, int]] = {
    word: int(number)
    for word, number in _table(
        [
            (0, "montag mandag maandag lundi monday mo mon man lun ma"),
            (1, "dienstag tisdag tirsdag dinsdag mardi tuesday di tue tis tir din mar"),
            (2, "mittwoch onsdag woensdag mercredi wednesday mi wed ons wo mer"),
            (3, "donnerstag torsdag donderdag jeudi thursday do thu tor don jeu"),
            (4, "freitag fredag vrijdag vendredi friday fr fri fre vr ven"),
            (5, "samstag sonnabend lordag zaterdag samedi saturday sa sat lor za sam"),
            (6, "sonntag sondag zondag dimanche sunday so sun son zo dim"),
            (7, "feiertag feiertage helgdag helligdag feestdag ferie publicholiday publicholidays"),
        ]
    ).items()
}

YES_NO: Final[dict[str, str]] = _phrases(
    {
        "yes": "ja,oui,yes,true,wahr,vrai,1,x,y,j,o,vollständig,voll,fully,full,complet,total,volledig,helt,"
        "rollstuhlgerecht,barrierefrei,accessible,tillgänglig,tilgængelig,toegankelijk,vorhanden,available,disponible",
        "no": "nein,nej,nee,non,no,false,falsch,faux,0,n,keine,kein,none,aucun,aucune,geen,ingen,inget,"
        "not accessible,nicht barrierefrei,inaccessible,non accessible,ej tillgänglig,ikke tilgængelig,"
        "niet toegankelijk",
        "partly": "teilweise,teils,eingeschränkt,bedingt,delvis,delvist,begränsat,begrænset,gedeeltelijk,deels,beperkt,"
        "partiellement,partiel,partielle,en partie,partly,partial,partially,limited",
    }
)

FREE: Final[frozenset[str]] = frozenset(
    _phrases(
        {
            "free": "frei,freier Eintritt,Eintritt frei,Eintritt ist frei,kostenlos,kostenfrei,gratis,umsonst,"
            "gratuit,gratuite,entrée libre,entrée gratuite,accès libre,libre,free,free of charge,free entry,"
            "free admission,no charge,fri entré,gratis entré,gratis adgang,fri adgang,gratis toegang,gratis entree,"
            "vrij entree,toegang gratis,gratis inträde,fritt inträde"
        }
    )
)

AUDIENCES: Final[dict[str, str]] = _phrases(
    {
        "everyone": "alle,für alle,alla,för alla,for alle,iedereen,tout public,tous publics,tous,everyone,all,all ages,"
        "general public,jedermann,allmänheten,offentligheden,voor iedereen",
        "families": "familie,familien,familj,familjer,familier,gezin,gezinnen,families,famille,familles,family,"
        "en famille",
        "children": "kinder,kind,barn,børn,kinderen,enfants,enfant,children,kids,jeune public,jeunes publics",
        "youth": "jugend,jugendliche,ungdom,ungdomar,unge,jongeren,jeugd,jeunes,adolescents,ados,youth,teens,teenagers",
        "adults": "erwachsene,vuxna,voksne,volwassenen,adultes,adulte,adults",
        "seniors": "senioren,seniorer,ældre,äldre,ouderen,seniors,aînés,personnes âgées,older people",
        "schools": "schulen,schulklassen,schule,skolor,skoler,skola,skole,scholen,écoles,scolaires,public scolaire,"
        "schools,school classes",
        "groups": "gruppen,grupper,groepen,groupes,groups",
        "professionals": "fachpublikum,fachleute,yrkesverksamma,fagfolk,professionals,vakmensen,professionnels,"
        "trade visitors",
    }
)

STATUSES: Final[dict[str, str]] = _phrases(
    {
        "scheduled": "scheduled,geplant,findet statt,confirmed,bestätigt,planerad,planlagt,gepland,prévu,confirmé,"
        "eventscheduled,ok",
        "cancelled": "cancelled,canceled,abgesagt,entfällt,fällt aus,inställd,inställt,aflyst,geannuleerd,afgelast,"
        "annulé,annulée,eventcancelled",
        "postponed": "postponed,verschoben,uppskjuten,framflyttad,udskudt,udsat,uitgesteld,verplaatst,reporté,reportée,"
        "rescheduled,eventpostponed,eventrescheduled",
        "moved_online": "moved online,online statt vor Ort,flyttad online,flyttet online,eventmovedonline",
        "sold_out": "sold out,ausverkauft,ausgebucht,slutsåld,fullbokad,udsolgt,uitverkocht,volgeboekt,complet,soldout",
    }
)


@lru_cache(maxsize=512)
def country_code(name: str) -> str:
    """ISO 3166-1 code of a country named in one of the six languages; what is not known stays as written."""
    if not name:
        return ""  # the names of all countries take a tenth of a second to load
    if len(name) == 2 and name.isalpha():
        return name.upper()
    return _country_names().get(fold(name), name)


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    from babel import Locale  # takes longer to load than most deliveries take to read

    return {
        fold(label): code
        for language in ("de", "sv", "da", "nl", "fr", "en")
        for code, label in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
