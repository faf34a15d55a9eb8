"""PostgreSQL's errors and notices, with everything a client prints of them.

Separate because every part of this room raises them, and front ends only read them. Texts and SQLSTATEs are those of
PostgreSQL 15.
"""

from __future__ import annotations

from dataclasses import dataclass

from drill.errors import DrillError

SYNTAX_ERROR = "42601"
UNDEFINED_COLUMN = "42703"
UNDEFINED_FUNCTION = "42883"
UNDEFINED_TABLE = "42P01"
UNDEFINED_OBJECT = "42704"
AMBIGUOUS_COLUMN = "42702"
AMBIGUOUS_FUNCTION = "42725"
DATATYPE_MISMATCH = "42804"
CANNOT_COERCE = "42846"
GROUPING_ERROR = "42803"
WINDOWING_ERROR = "42P20"
INVALID_COLUMN_REFERENCE = "42P10"
DUPLICATE_ALIAS = "42712"
NOT_SUPPORTED = "0A000"
INVALID_TEXT = "22P02"
INVALID_PARAMETER = "22023"
OUT_OF_RANGE = "22003"
DATETIME_OVERFLOW = "22008"
INVALID_DATETIME = "22007"
DIVISION_BY_ZERO = "22012"
PROGRAM_LIMIT = "54000"
STACK_DEPTH = "54001"
OUT_OF_MEMORY = "53200"
QUERY_CANCELED = "57014"
CARDINALITY = "21000"
NO_PRIVILEGE = "42501"


class SqlError(DrillError):
    """A statement that PostgreSQL refuses."""

    def __init__(  # noqa: PLR0913 - what an error message of PostgreSQL consists of
        self,
        message: str,
        code: str,
        pos: int | None = None,
        *,
        hint: str = "",
        detail: str = "",
        severity: str = "ERROR",
    ) -> None:
        """Keep the parts; `pos` is an offset into the text of the statement, None for no place."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.pos = pos
        self.hint = hint
        self.detail = detail
        self.severity = severity

    def at(self, pos: int | None) -> SqlError:
        """Say where it happened, unless that is known already."""
        if self.pos is None:
            self.pos = pos
        return self


@dataclass(frozen=True, slots=True)
class Notice:
    """A remark of the server that is not an error."""

    severity: str
    """`NOTICE` or `WARNING`."""
    message: str
    code: str = "00000"
    hint: str = ""
    detail: str = ""


def unsupported(what: str, pos: int | None = None) -> SqlError:
    """Return the error for what PostgreSQL can and this can't: an honest answer in place of a wrong one."""
    return SqlError(f"{what} is not supported", NOT_SUPPORTED, pos)


def syntax(text: str, pos: int) -> SqlError:
    """Return PostgreSQL's complaint about a piece of text, empty for the end of the statement."""
    where = f'at or near "{text}"' if text else "at end of input"
    return SqlError(f"syntax error {where}", SYNTAX_ERROR, pos)


def too_deep() -> SqlError:
    """Return the error for what is nested too deeply."""
    hint = (
        'Increase the configuration parameter "max_stack_depth" (currently 2048kB), after ensuring the platform\'s '
        "stack depth limit is adequate."
    )
    return SqlError("stack depth limit exceeded", STACK_DEPTH, hint=hint)


def report(error: SqlError, text: str, offset: int = 0) -> str:
    """Return an error as psql prints it, with the line it happened in and a caret.

    Args:
        error: What went wrong.
        text: The statement as it was sent.
        offset: Where the text that positions count from begins in `text`.
    """
    lines = [f"{error.severity}:  {error.message}"]
    if error.pos is not None:
        lines += _excerpt(text, error.pos + offset)
    if error.detail:
        lines.append(f"DETAIL:  {error.detail}")
    if error.hint:
        lines.append(f"HINT:  {error.hint}")
    return "\n".join(lines)


_WIDTH, _MARGIN = 60, 10


def _excerpt(text: str, pos: int) -> list[str]:
    """Return the line and the caret below it, cut to 60 columns as libpq's reportErrorPosition does."""
    pos = min(pos, len(text))
    start = text.rfind("\n", 0, pos) + 1
    end = text.find("\n", pos)
    line = text[start : len(text) if end < 0 else end].replace("\t", " ").replace("\r", " ")
    number, column = text.count("\n", 0, pos) + 1, pos - start
    before = after = ""
    if len(line) > _WIDTH:
        if column + _MARGIN >= _WIDTH:
            left = (
                min(column + _MARGIN - _WIDTH, len(line) - _WIDTH)
                if len(line) - column > _MARGIN
                else (len(line) - _WIDTH)
            )
            line, column, before = line[left:], column - left, "..."
        if len(line) > _WIDTH:
            line, after = line[:_WIDTH], "..."
    head = f"LINE {number}: {before}"
    return [f"{head}{line}{after}", " " * (len(head) + column) + "^"]
