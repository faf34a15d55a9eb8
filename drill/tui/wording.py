"""Actions in words: what one changes, risks, how to undo it, and the question before it is done.

Separate because list, form and question say it in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.actions.fields import write_fields
from drill.debrief.deeds import stated
from drill.tui.widgets.prose import Paragraph

if TYPE_CHECKING:
    from drill.actions.catalogue import Action


def described(kind: type[Action]) -> tuple[Paragraph, ...]:
    """Return what an action changes, risks, and how to undo it."""
    return (
        Paragraph(kind.changes, "text", "Changes  "),
        Paragraph(kind.risk, "text", "Risk     "),
        Paragraph(kind.undo, "text", "Undo     "),
    )


def question(action: Action) -> tuple[Paragraph, ...]:
    """Return the values of an action and what it does, for the question whether to do it."""
    values = [stated(name, value) for name, value in write_fields(action).items()]
    return (Paragraph(", ".join(values), "title"), Paragraph(""), *described(type(action)))
