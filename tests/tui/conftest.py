"""What tests of screens share: style sheets that are parsed once for all apps of a process.

An app parses the sheets of Textual and of ours when it starts, which is half of what a small test costs. Rules depend on
nothing but a sheet and the variables of the theme, and Textual keeps them itself, app by app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator


_SHEETS = 512
"""Style sheets that are kept; more than there are."""


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Let all style sheets with the same variables keep what they parsed in one place."""
    kept: dict[tuple[tuple[str, str], ...], Any] = {}
    begin, change = Stylesheet.__init__, Stylesheet.set_variables

    def share(sheet: Stylesheet) -> None:
        key = tuple(sorted(sheet._variables.items()))  # noqa: SLF001 - there is no other way in
        sheet._parse_cache = kept.setdefault(key, LRUCache(_SHEETS))  # noqa: SLF001 - as above

    def begun(self: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        begin(self, variables=variables)
        share(self)

    def changed(self: Stylesheet, variables: dict[str, str]) -> None:
        self._parse_cache = LRUCache(_SHEETS)  # what is shared is not cleared
        change(self, variables)
        share(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "__init__", begun)
        patch.setattr(Stylesheet, "set_variables", changed)
        yield
