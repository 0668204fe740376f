"""The examples in docstrings print what they say, those of the extension too."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

import fastroute


def documented() -> Iterator[tuple[str, str]]:
    """Every docstring with an example, by the name of what it documents."""
    modules = [fastroute.__name__, *(f"fastroute.{name}" for _, name, _ in pkgutil.iter_modules(fastroute.__path__))]
    things: dict[str, object] = {name: import_module(name) for name in modules if name != "fastroute.__main__"}
    things |= {f"fastroute.{name}": getattr(fastroute, name) for name in fastroute.__all__}
    for name, thing in list(things.items()):
        if isinstance(thing, type):
            things |= {f"{name}.{member}": getattr(thing, member) for member in vars(thing)}
    for name, thing in sorted(things.items()):
        text = getattr(thing, "__doc__", None)
        if isinstance(text, str) and ">>>" in text and not isinstance(thing, str):
            yield name, inspect.cleandoc(text)


DOCUMENTED = dict(documented())


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_example_prints_what_it_says(name: str, default: fastroute.Router) -> None:
    names = {"fastroute": fastroute, "router": default}
    test = doctest.DocTestParser().get_doctest(DOCUMENTED[name], names, name, None, 0)
    output: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert not output, "".join(output)


def test_what_people_call_first_has_an_example() -> None:
    for name in ("", ".Router", ".Router.from_string", ".Router.route", ".Router.route_batch", ".check"):
        assert f"fastroute{name}" in DOCUMENTED
    for name in (".AsyncClient", ".Client", ".Server", ".ServerError", ".ServiceError", ".grpc"):
        assert f"fastroute{name}" in DOCUMENTED
    for name in (".Decision.explain", ".Decision.messages", ".ConfigError", ".RequestError"):
        assert f"fastroute{name}" in DOCUMENTED
