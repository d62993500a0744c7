"""Did it work?  Effects of interventions on visitor numbers, with their uncertainty, or a refusal to say.

``evaluate(panel, options)`` gives an ``Answer``, ``plan(panel, …)`` the ``Power`` of an intervention that is not begun.

Each method is a plain function on arrays too, in the module of its name with its source: ``did.did``,
``staggered.staggered`` and ``staggered.imputation``, ``synthetic.synthetic_control`` and ``synthetic.synthetic_did``,
``structural.structural``; ``placebos.by_space`` for their chance.  ``simulate.season`` makes panels whose truth is known.
"""

from allmende.engines.evaluation.judge import evaluate
from allmende.engines.evaluation.power import plan

__all__ = ["evaluate", "plan"]
