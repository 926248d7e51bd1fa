"""Every condition by its name, and how the ``when`` of a rule is read. A new condition is added to this one list."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from ..documents.yaml_document import Fault, located, nested, unknown_key
from .addresses import OnBehalfOf, ProvenanceCondition, Recipient, Spender, To, Venue
from .allowances import AllowanceAfter
from .amounts import Amount, Slippage, Usd
from .assets import AssetMoved, Buy, Sell
from .balance_change import BalanceChange
from .circumstances import Chain, Deadline, HealthFactorAfter
from .collectibles import Nft
from .concentration import ConcentrationAfter
from .condition import Condition
from .gas import Fee, GasLimit, GasPrice
from .history import Cooldown, DuplicateWithin, RecipientKnownFor
from .message_text import MessageText
from .plugins import Plugin
from .shares import ShareOfBalance
from .suspects import Lookalike, OnList
from .targets import Target
from .times import Time
from .typed_message import TypedMessage
from .votes import Vote

_ALL: tuple[type[Condition], ...] = (
    To,
    AssetMoved,
    Usd,
    Amount,
    ProvenanceCondition,
    Venue,
    Sell,
    Buy,
    Recipient,
    Slippage,
    OnBehalfOf,
    Spender,
    Deadline,
    HealthFactorAfter,
    Chain,
    ShareOfBalance,
    AllowanceAfter,
    Cooldown,
    DuplicateWithin,
    RecipientKnownFor,
    GasPrice,
    GasLimit,
    Fee,
    Time,
    Target,
    TypedMessage,
    MessageText,
    Lookalike,
    OnList,
    Plugin,
    ConcentrationAfter,
    BalanceChange,
    Nft,
    Vote,
)
CONDITIONS: dict[str, type[Condition]] = {condition.name: condition for condition in _ALL}


def read_conditions(value: Any, info: ValidationInfo) -> tuple[Condition, ...]:
    """The conditions of a rule's ``when``, in the order of this module. Faults are located below ``when``."""
    if not isinstance(value, dict):
        raise located([((), "when is a mapping of conditions, as in {to: {book: payees}}")])
    faults: list[Fault] = [((key,), unknown_key(key, CONDITIONS)) for key in value if key not in CONDITIONS]
    conditions = []
    for name, condition in CONDITIONS.items():
        if name not in value:
            continue
        try:
            conditions.append(condition.parse(value[name], info))
        except ValidationError as error:
            faults += nested(error, (name,))
        except PydanticCustomError as error:
            faults += [((name, *path), text) for path, text in (error.context or {})["faults"]]
        except ValueError as error:
            faults.append(((name,), f"{error}; write it as {name}: {condition.how}"))
    if faults:
        raise located(faults)
    return tuple(conditions)
