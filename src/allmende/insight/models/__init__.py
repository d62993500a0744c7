"""Tables of measured places, their figures, and what is made of them."""

from allmende.insight.models.benchmark import BenchmarkRelease, IndicatorBatch
from allmende.insight.models.counter import Counter, Reading
from allmende.insight.models.crowding import CrowdingEpisode, SiteSummary
from allmende.insight.models.delivery import DeliveredBlock, Delivery, FlowBetween, PresenceCell, WatchedFolder
from allmende.insight.models.delivery_work import DeliveryWork
from allmende.insight.models.evaluation_request import EvaluationRequest
from allmende.insight.models.forecast import Backtest, Forecast
from allmende.insight.models.holiday import HolidayPeriod
from allmende.insight.models.indicator import Indicator, IndicatorValue, PurposeStatement
from allmende.insight.models.intervention import Evaluation, Intervention, InterventionPlan, InterventionSite
from allmende.insight.models.public_figures import PublicFigures
from allmende.insight.models.series import Block, Series
from allmende.insight.models.site import Site
from allmende.insight.models.steering import SteeringCount, SteeringDay
from allmende.insight.models.weather import DeliveredWeather, Use, WeatherBlock, WeatherStation

__all__ = [
    "Backtest",
    "BenchmarkRelease",
    "Block",
    "Counter",
    "CrowdingEpisode",
    "DeliveredBlock",
    "DeliveredWeather",
    "Delivery",
    "DeliveryWork",
    "Evaluation",
    "EvaluationRequest",
    "FlowBetween",
    "Forecast",
    "HolidayPeriod",
    "Indicator",
    "IndicatorBatch",
    "IndicatorValue",
    "Intervention",
    "InterventionPlan",
    "InterventionSite",
    "PresenceCell",
    "PublicFigures",
    "PurposeStatement",
    "Reading",
    "Series",
    "Site",
    "SiteSummary",
    "SteeringCount",
    "SteeringDay",
    "Use",
    "WatchedFolder",
    "WeatherBlock",
    "WeatherStation",
]
