"""made: a value of a frozen model from parts that are right already, without validating them again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)
_new, _set = object.__new__, object.__setattr__


def made(model: type[_Model], fields: dict[str, Any]) -> _Model:
    """The same as ``model(**fields)``, about ten times as fast as pydantic's ``model_construct``.

    Only for what the engine made itself: every value has its field's type and form (addresses lower case, amounts
    within 256 bits), and every field without a default is there. Nothing checks it. Values share their mutable
    defaults: nobody changes what a frozen model holds.
    """
    value = _new(model)
    values = _defaults(model).copy()
    values.update(fields)
    _set(value, "__dict__", values)
    _set(value, "__pydantic_fields_set__", set(fields))
    _set(value, "__pydantic_extra__", None)
    _set(value, "__pydantic_private__", None)
    return value


@lru_cache(maxsize=32)
def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Each field in its order, so that a dump of a made value reads as any other; those without a default are None."""
    return {name: None if field.is_required() else field.default for name, field in model.model_fields.items()}
