"""Insight: measured places, how full they are and will be, what was done about it, and whether it worked.

Purpose: figures from counters, tickets, operators and the flow engine become crowding that people understand, forecasts,
interventions on record with an honest answer whether they worked, and indicators that councils can rely on.

Nouns: ``Site`` (a measured place), ``Series`` with its ``Block``s of figures (the observations), ``Delivery``, ``Counter``
with its ``Reading``s; ``CrowdingEpisode``, ``SiteSummary``; ``Forecast``; ``Intervention``, ``InterventionSite``,
``InterventionPlan``, ``Evaluation``; ``SteeringDay``, ``SteeringCount``; ``Indicator``, ``IndicatorValue``, ``PurposeStatement``.

Verbs are in the packages with two doors each (``actions``, ``queries``): ``sites``, ``deliveries``, ``counters``,
``crowding``, ``forecasts``, ``steering``, ``interventions``, ``indicators``.  ``store`` reads and writes the figures.
An insight space, which several regions may share, is a network of the kind "insight" (see ``partners``).
"""
