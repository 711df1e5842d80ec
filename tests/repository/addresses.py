"""Every address of the product, from its URLconf, with arguments that lead somewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch


@dataclass(frozen=True)
class Address:
    """A named address: `name` with namespaces, `parameters` in the order of the path."""

    name: str
    parameters: tuple[str, ...]

    def urls(self, values: list[object]) -> Iterator[str]:
        """The address with every combination of `values` that fits its parameters."""
        for combination in product(values, repeat=len(self.parameters)):
            try:
                yield reverse(self.name, kwargs=dict(zip(self.parameters, combination, strict=True)))
            except NoReverseMatch:
                continue


class _Walker:
    def __init__(self) -> None:
        self.unnamed: list[str] = []

    @cached_property
    def addresses(self) -> list[Address]:
        return sorted(set(self._walk(get_resolver(), (), ())), key=lambda address: address.name)

    def _walk(
        self, resolver: URLResolver, namespaces: tuple[str, ...], parameters: tuple[str, ...]
    ) -> Iterator[Address]:
        for entry in resolver.url_patterns:
            own = parameters + tuple(
                name for name in entry.pattern.regex.groupindex if name not in parameters
            )
            if isinstance(entry, URLResolver):
                inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
                yield from self._walk(entry, inner, own)
            elif isinstance(entry, URLPattern) and entry.name:
                yield Address(":".join((*namespaces, entry.name)), own)
            else:
                self.unnamed.append(str(entry.pattern))


def addresses() -> list[Address]:
    """All named addresses, the admin site's among them."""
    return _Walker().addresses


def unnamed_patterns() -> list[str]:
    """Patterns without a name; nothing can link to them."""
    walker = _Walker()
    _ = walker.addresses
    return walker.unnamed
