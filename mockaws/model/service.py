"""AWS's models of services, read from the data files of the installed botocore without importing it.

A newer botocore brings a newer API. An import of botocore costs 200 ms, reading its files 7 ms.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockaws.model import recorded, validation
from mockaws.model.errors import RECORDED, ErrorCatalogue, ErrorShape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.model.errors import Declared

Document = dict[str, Any]


class ModelMissingError(Exception):
    """The installed botocore lacks the requested model."""


class OperationModel:
    """One operation of a service: the names of its input and output shapes and of the errors it declares."""

    def __init__(self, service: ServiceModel, name: str, definition: Document) -> None:
        self.service = service
        self.name = name
        self.input_shape: str | None = definition.get("input", {}).get("shape")
        self.output_shape: str | None = definition.get("output", {}).get("shape")
        self.result_wrapper: str | None = definition.get("output", {}).get("resultWrapper")
        self.errors: tuple[str, ...] = tuple(error["shape"] for error in definition.get("errors", ()))
        self.unsigned: bool = "smithy.api#noAuth" in definition.get("auth", ()) or definition.get("authtype") == "none"
        self.documentation: str = definition.get("documentation", "")

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of the request's members, in the model's order."""
        return tuple(self.service.shapes[self.input_shape].get("members", ())) if self.input_shape else ()

    @cached_property
    def input(self) -> validation.Input:
        """The validator and converter of a request's document, compiled at the first request."""
        return validation.Input(self.service.shapes, self.input_shape, self.service.constraint_error)

    def __repr__(self) -> str:
        return f"<OperationModel {self.service.name}.{self.name}>"


class ServiceModel:
    """The operations, shapes and errors of a service, and its protocols."""

    def __init__(self, name: str, document: Document) -> None:
        metadata = document["metadata"]
        self.name = name
        self.full_name: str = metadata["serviceFullName"]
        self.api_version: str = metadata["apiVersion"]
        self.target_prefix: str | None = metadata.get("targetPrefix")
        self.protocols = frozenset(metadata.get("protocols", (metadata["protocol"],)))
        self.xml_namespace: str | None = metadata.get("xmlNamespace")
        self.signing_name: str = metadata.get("signingName", metadata["endpointPrefix"])
        self.shapes: Mapping[str, Document] = recorded.completed(name, document["shapes"])
        self.operations: Mapping[str, OperationModel] = {
            operation: OperationModel(self, operation, definition)
            for operation, definition in document["operations"].items()
        }
        self.errors: Mapping[str, ErrorShape] = {
            shape: _error_shape(shape, definition)
            for shape, definition in self.shapes.items()
            if "exception" in definition
        }

    @cached_property
    def constraint_error(self) -> Declared:
        """The error for a request that violates constraints of the model, with the blank {violations}."""
        code = recorded.CONSTRAINT_ERRORS.get(self.name, "ValidationException")
        return self.catalogue()(code, RECORDED, "{violations}")

    def catalogue(self) -> ErrorCatalogue:
        """Return an empty catalogue, in which a service declares its errors."""
        return ErrorCatalogue(self.name, self.errors)


def _error_shape(name: str, definition: Document) -> ErrorShape:
    error = definition.get("error", {})
    status = error.get("httpStatusCode", 500 if definition.get("fault") else 400)
    member = next((member for member in definition["members"] if member.lower() == "message"), "message")
    return ErrorShape(name, error.get("code", name), status, member, definition.get("documentation", ""))


@cache
def load(name: str) -> ServiceModel:
    """Return the newest model of a service, such as `kms`, from the installed botocore.

    Raises ModelMissingError if botocore is not installed or lacks the service.
    """
    package = importlib.util.find_spec("botocore")
    if package is None or package.origin is None:
        raise ModelMissingError("botocore is not installed; mockaws reads AWS's service models from it")
    data = Path(package.origin).parent / "data" / name
    versions = sorted(data.glob("*/service-2.json*"))
    if not versions:
        raise ModelMissingError(f"the installed botocore has no model of {name} in {data}")
    newest = versions[-1]
    content = newest.read_bytes()
    return ServiceModel(name, json.loads(gzip.decompress(content) if newest.suffix == ".gz" else content))
