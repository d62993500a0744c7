"""What the demo says of itself, in every language of the pages where the table can hold more than one.

Titles and texts of interventions and tasks are in the language of the demo region alone: their tables hold one text, as
somebody wrote it, and what an intervention says is sealed word for word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from allmende.core.text import translated
from allmende.partners.models import Network

SPACE_ABOUT: Final[Mapping[str, str]] = {
    "fr": "Démonstration\u00a0: les lieux existent, les chiffres de fréquentation sont simulés.",
    "de": "Demonstration: Die Orte gibt es, die Besucherzahlen sind simuliert.",
    "en": "Demonstration: the places exist, the figures of visitors are simulated.",
    "sv": "Demonstration: platserna finns, besökssiffrorna är simulerade.",
    "da": "Demonstration: stederne findes, besøgstallene er simulerede.",
    "nl": "Demonstratie: de plekken bestaan, de bezoekcijfers zijn gesimuleerd.",
}
NETWORK_ABOUT: Final[Mapping[str, str]] = {
    "fr": "Démonstration\u00a0: ce réseau et ses textes sont inventés, les organisations viennent de données ouvertes.",
    "de": "Demonstration: Dieses Netzwerk und seine Texte sind erfunden, die Organisationen stammen aus offenen Daten.",
    "en": "Demonstration: this network and its texts are invented, the organisations come from open data.",
    "sv": "Demonstration: nätverket och dess texter är påhittade, organisationerna kommer från öppna data.",
    "da": "Demonstration: netværket og dets tekster er opdigtede, organisationerne kommer fra åbne data.",
    "nl": "Demonstratie: dit netwerk en zijn teksten zijn verzonnen, de organisaties komen uit open data.",
}


def say_in_all(network: Network, about: Mapping[str, str], language: str) -> Network:
    """Give a demo network its text in every language; ``language`` is the original's."""
    network.about = translated(about, language)
    network.save(update_fields=["about"])
    return network
