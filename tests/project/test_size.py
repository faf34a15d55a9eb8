"""Size is where a room that does two things shows first."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "drill"
LIMITS: dict[type[ast.AST], int] = {
    ast.Module: 300,
    ast.ClassDef: 200,
    ast.FunctionDef: 40,
    ast.AsyncFunctionDef: 40,
}


def test_no_file_class_or_function_is_too_long() -> None:
    too_long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", text.count("\n"))
            if (lines := last - first + 1) > (limit := LIMITS.get(type(node), lines)):
                name = getattr(node, "name", "the file")
                too_long.append(f"{path.relative_to(PACKAGE.parent)}:{first}: {name} has {lines} lines, limit {limit}")
    assert not too_long, "\n".join(["Find a better room, not two halves:", *too_long])
