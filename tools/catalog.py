"""Catalog: what a bot offers to its planner: tools by name, and the handles that a request may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .errors import InvalidArgument, InvalidTool
from .handles import Handles
from .slots import Amount, parse_quantity
from .tool import Tool, ToolCall, Topic


@dataclass(frozen=True, slots=True)
class Catalog:
    """Tools and handles; make it with `Catalog.of`."""

    tools: Mapping[str, Tool]
    handles: Handles

    @classmethod
    def of(cls, tools: Iterable[Tool], handles: Handles) -> Catalog:
        """Raises InvalidTool where two tools share a name."""
        by_name: dict[str, Tool] = {}
        for tool in tools:
            if tool.name in by_name:
                raise InvalidTool(f"two tools are called {tool.name!r}: give one another name, as in @tool(name=..)")
            by_name[tool.name] = tool
        return cls(MappingProxyType(by_name), handles)

    def tool(self, name: str) -> Tool:
        """The tool of that name. Raises InvalidArgument."""
        if name not in self.tools:
            raise InvalidArgument(f"there is no tool {name!r}: there are {', '.join(sorted(self.tools))}")
        return self.tools[name]

    def under(self, topic: Topic) -> tuple[Tool, ...]:
        """The tools of one topic, in the order given."""
        return tuple(tool for tool in self.tools.values() if tool.topic == topic)

    def checked(self, call: ToolCall) -> ToolCall:
        """The call in canonical form. Raises InvalidArgument or UnknownHandle, also where an asset meets itself."""
        tool = self.tool(call.tool)
        checked = tool.checked(call, self.handles)
        assets = [
            parse_quantity(text, self.handles).token if parameter.slot is Amount else text
            for parameter in tool.parameters
            if parameter.slot.__name__ in ("Amount", "Token") and (text := checked.arguments.get(parameter.name))
        ]
        if len(set(assets)) != len(assets):
            raise InvalidArgument(f"{call.tool} takes two different assets, not {assets[0]} twice")
        return checked
