"""Finding something by words: what is called so comes before what only mentions it.

Separate because the list of actions and the help must answer a search alike. No Textual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ItemT = TypeVar("ItemT")


def found(items: Iterable[ItemT], words: str, texts: Callable[[ItemT], tuple[str, ...]]) -> list[tuple[int, ItemT]]:
    """Return the items that have all words, best first, each with its rank; equal ones stay in their order.

    `texts` are what an item can be found by, its name first. A text that is the words as they stand is best, such as
    a key, then a name that begins with them; then come items by the first of their texts that has all the words, and
    at last those whose words are in several texts.
    """
    wanted, phrase = words.lower().split(), " ".join(words.lower().split())
    ranks = [(_rank(tuple(text.lower() for text in texts(item)), wanted, phrase), item) for item in items]
    return sorted(((rank, item) for rank, item in ranks if rank is not None), key=lambda pair: pair[0])


def _rank(texts: tuple[str, ...], wanted: list[str], phrase: str) -> int | None:
    if not phrase or phrase in texts:
        return 0
    if texts[0].startswith(phrase):
        return 1
    for rank, text in enumerate(texts, start=2):
        if all(word in text for word in wanted):
            return rank
    everything = " ".join(texts)
    return len(texts) + 2 if all(word in everything for word in wanted) else None
