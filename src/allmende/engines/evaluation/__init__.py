"""Did it work?  Effects of interventions on visitor numbers, with their uncertainty, or a refusal to say.

``evaluate(panel, options)`` gives an ``Answer``, ``plan(panel, …)`` the ``Power`` of an intervention that is not begun.

Each method is a plain function on arrays too, in the module of its name with its source: ``did.did``,
``staggered.staggered`` and ``staggered.imputation``, ``synthetic.synthetic_control`` and ``synthetic.synthetic_did``,
``structural.structural``; ``placebos.by_space`` for their chance.  ``simulate.season`` makes panels whose truth is known.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from allmende.engines.evaluation.judge import evaluate
    from allmende.engines.evaluation.power import plan

_HOMES: Final = {"evaluate": "judge", "plan": "power"}

__all__ = ["evaluate", "plan"]


def __getattr__(name: str) -> Any:
    """SciPy and the compiled kernels are loaded when somebody evaluates, not when a page's process begins."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
