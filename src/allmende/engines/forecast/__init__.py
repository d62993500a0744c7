"""Forecasts: hourly for fourteen days, monthly for two years, coherent from municipality to region, with honest limits.

``forecast_hourly`` and ``forecast_monthly`` return what is expected and how good the method was, ``forecast_together`` does so for
several sites that learn from each other; ``backtest`` says the latter alone;
``reconcile`` makes forecasts add up.  Arrays in, values out: no database, no clock, no chance that is not passed in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from allmende.engines.forecast.reconcile import reconcile, shrunken_covariance, summing_matrix
from allmende.engines.forecast.values import (
    LEAST_DAYS,
    LEVELS,
    MOST_DAYS_AHEAD,
    VERSION,
    Judgement,
    Prediction,
    Score,
    TooShort,
)

if TYPE_CHECKING:
    from allmende.engines.forecast.coherent import Coherent, forecast_coherent
    from allmende.engines.forecast.hourly import Case, backtest, forecast_hourly, forecast_together
    from allmende.engines.forecast.hourly_past import Days
    from allmende.engines.forecast.univariate import forecast_monthly, limits, past_errors, point_forecast

_HOMES: Final = {
    "Coherent": "coherent",
    "forecast_coherent": "coherent",
    "Case": "hourly",
    "backtest": "hourly",
    "forecast_hourly": "hourly",
    "forecast_together": "hourly",
    "Days": "hourly_past",
    "forecast_monthly": "univariate",
    "limits": "univariate",
    "past_errors": "univariate",
    "point_forecast": "univariate",
}

__all__ = [
    "LEAST_DAYS",
    "LEVELS",
    "MOST_DAYS_AHEAD",
    "VERSION",
    "Case",
    "Coherent",
    "Days",
    "Judgement",
    "Prediction",
    "Score",
    "TooShort",
    "backtest",
    "forecast_coherent",
    "forecast_hourly",
    "forecast_monthly",
    "forecast_together",
    "limits",
    "past_errors",
    "point_forecast",
    "reconcile",
    "shrunken_covariance",
    "summing_matrix",
]


def __getattr__(name: str) -> Any:
    """The compiled kernels are loaded when somebody forecasts, not when a page's process begins."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
