"""How full places are, for pages, for the guide and for other slices.  Plain values come out.

``state_of`` says for many sites at once how full they are now and usually; ``usual_day`` a site's usual day.
"""

from allmende.insight.crowding.queries.state import SiteState, state_of
from allmende.insight.crowding.queries.usual import summary_of, usual_day

__all__ = ["SiteState", "state_of", "summary_of", "usual_day"]
