"""The parameters of an estimator as options of the command that trains it."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ostinato.cli._train_options import PARAMETERS

_TASKS = Path(__file__).parents[1] / "tasks"


def estimator_options(module: str, **own: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command an option for each parameter of an estimator, in place of its `**parameters`.

    Args:
        module: where in `ostinato.tasks` the estimator is.
        own: by parameter, annotations of options that are not those of `PARAMETERS`; None: no option.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command)
        *given, _ = signature.parameters.values()
        annotations = {**PARAMETERS, **own}
        options = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotations[name]
            )
            for name, default in defaults_of(module).items()
            if annotations.get(name) is not None
        ]
        command.__signature__ = signature.replace(parameters=[*given, *options])  # type: ignore[attr-defined]
        return command

    return decorate


def defaults_of(module: str) -> dict[str, Any]:
    """The parameters of the estimator in a module of `ostinato.tasks`, with their defaults.

    They are read from its source: to import it, and torch with it, would make `--help` wait for seconds.
    """
    tree = ast.parse((_TASKS / f"{module}.py").read_text(encoding="utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    methods = (node for cls in classes for node in cls.body if isinstance(node, ast.FunctionDef))
    arguments = next(method.args for method in methods if method.name == "__init__")
    values = (ast.literal_eval(default) for default in arguments.kw_defaults if default is not None)
    return dict(zip((argument.arg for argument in arguments.kwonlyargs), values, strict=True))
