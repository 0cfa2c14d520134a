"""A method of a class and of all its subclasses, wrapped; and the objects that are alive."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable, Collection, Iterator
from typing import Any

Around = Callable[[Any, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""What a method does instead: given the object, the method bound to it, and the call's
arguments. For a method that is a coroutine it returns an awaitable."""


def wrap_family(base: type, method: str, around: Around) -> None:
    """Let `around` stand before `method` of `base` and of its subclasses, now and later.

    The outermost method of a call decides: what it calls in turn, such as the method of its
    parent class, comes to `around` again only where `around` lets it run.
    """
    _wrap(base, method, around)
    for subclass in _subclasses(base):
        _wrap(subclass, method, around)
    hears = base.__dict__.get("__init_subclass__")

    def born(cls: Any, /, **kwargs: Any) -> None:
        if hears is None:
            super(base, cls).__init_subclass__(**kwargs)  # type: ignore[arg-type]
        else:
            hears.__get__(None, cls)(**kwargs)
        _wrap(cls, method, around)

    base.__init_subclass__ = classmethod(born)  # type: ignore[assignment]


def living(classes: Collection[type]) -> Iterator[Any]:
    """Yield the objects of `classes` and their subclasses that are alive in this process."""
    if not classes:
        return
    wanted: dict[type, bool] = {}
    for thing in gc.get_objects():
        kind = type(thing)  # isinstance would ask proxies, which may run anything
        known = wanted.get(kind)
        if known is None:
            known = wanted[kind] = any(one in kind.__mro__ for one in classes)
        if known:
            yield thing


def _subclasses(base: type) -> Iterator[type]:
    subclass: type
    for subclass in type.__subclasses__(base):
        yield subclass
        yield from _subclasses(subclass)


def _wrap(owner: type, name: str, around: Around) -> None:
    method = owner.__dict__.get(name)
    if method is None or getattr(method, "__isabstractmethod__", False):
        return
    if getattr(method, "_reenact_wrapped", False):
        return

    if inspect.iscoroutinefunction(method):  # whoever calls it may ask

        @functools.wraps(method)
        async def awaited(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await around(self, method.__get__(self, type(self)), args, kwargs)

        _put(owner, name, awaited)
        return

    @functools.wraps(method)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(self, method.__get__(self, type(self)), args, kwargs)

    _put(owner, name, called)


def _put(owner: type, name: str, wrapped: Any) -> None:
    wrapped._reenact_wrapped = True
    setattr(owner, name, wrapped)
