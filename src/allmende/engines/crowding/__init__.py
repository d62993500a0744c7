"""How full places are: pressure, crowded stretches, what is usual, how evenly visits are spread.

NumPy alone.  Figures come as arrays of consecutive hours (UTC) with NaN where nothing is known: missing, withheld or
doubtful.  Nothing here fills a gap or counts one as zero; every result says on what share of the hours it rests.

* **Pressure** is presence ÷ capacity (a flow: people in an hour ÷ people that an hour may bring).  Manning, *Parks and
  Carrying Capacity* (2007): capacity is a judgement about conditions, which is why it is an input and not an estimate.
* **Usual** is the median of the hours known at the same hour of the week in the same season: the month with the one before
  and the one after it.
* **Evenness** is by the Gini coefficient (Gini 1912) and by the share that the busiest tenth of the hours brings.
"""

from allmende.engines.crowding.days import Change, Days, Spread, change_over_year, days_of, season_spread
from allmende.engines.crowding.episodes import Episode, WorstHour, episodes_of, worst_hours
from allmende.engines.crowding.even import (
    Imbalance,
    gini,
    gini_of_hours,
    high_by_hour,
    imbalances,
    peak_share,
    presence_by_hour,
)
from allmende.engines.crowding.local import Local, local_hours
from allmende.engines.crowding.usual import LEAST_KNOWN, Unusual, Usual, usual_of
from allmende.engines.crowding.values import Hours, level_of, ranks_of

__all__ = [
    "LEAST_KNOWN",
    "Change",
    "Days",
    "Episode",
    "Hours",
    "Imbalance",
    "Local",
    "Spread",
    "Unusual",
    "Usual",
    "WorstHour",
    "change_over_year",
    "days_of",
    "episodes_of",
    "gini",
    "gini_of_hours",
    "high_by_hour",
    "imbalances",
    "level_of",
    "local_hours",
    "peak_share",
    "presence_by_hour",
    "ranks_of",
    "season_spread",
    "usual_of",
    "worst_hours",
]
