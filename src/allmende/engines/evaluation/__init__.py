"""Did it work?  Effects of interventions on visitor numbers, with their uncertainty, or a refusal to say.

``evaluate(panel, options)`` gives an ``Answer``, ``plan(panel, …)`` the ``Power`` of an intervention that is not begun.
Methods and their sources stand in the modules of their names.
"""

from allmende.engines.evaluation.judge import evaluate
from allmende.engines.evaluation.power import plan

__all__ = ["evaluate", "plan"]
