"""Bodies of requests: bounded, and closed, so that a misspelt field is refused and not ignored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
)
from pydantic_core import CoreSchema

from reenact.domain.agent import CallableTarget, CommandTarget, HttpTarget
from reenact.domain.budget import Budget
from reenact.domain.run import RunOptions
from reenact.domain.selection import Filter

Id = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Words = Annotated[str, Field(max_length=20_000)]
Flag = Annotated[bool, Strict()]
"""True or false: 0 and \"off\" are neither."""
Number = Annotated[float, Strict()]
MOST_IDS = 10_000
Ids = Annotated[tuple[Id, ...], Field(max_length=MOST_IDS)]


class Asked(BaseModel):
    """What a request asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Closed:
    """Makes a dataclass of the domain refuse fields that it does not have."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of `source`, closed."""
        schema = handler(source)
        inner: Any = schema
        while inner["type"] in ("definitions", "dataclass"):
            inner = inner["schema"]
        if inner["type"] == "dataclass-args":
            inner["extra_behavior"] = "forbid"
        return schema

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the JSON schema, which says so."""
        told = handler(schema)
        inner = handler.resolve_ref_schema(told)
        inner["additionalProperties"] = False
        if "kind" in inner.get("properties", {}):  # it tells one of a union from the others
            inner["required"] = sorted({*inner.get("required", ()), "kind"})
        return told


Options = Annotated[RunOptions, Closed()]
Spending = Annotated[Budget, Closed()]
Filtered = Annotated[Filter, Closed()]
Target = Annotated[
    Annotated[CallableTarget, Closed()]
    | Annotated[CommandTarget, Closed()]
    | Annotated[HttpTarget, Closed()],
    Field(discriminator="kind"),
]
"""Any agent: what may be run of it is asked of `agents.folder.chosen_target`."""
