"""What is uploaded is enough: a wheel built from the sdist runs anywhere, with its scenarios."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*command: str | Path, cwd: Path) -> str:
    """Return the standard output of a program that has to succeed and that can't see the working tree."""
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def build(kind: str, source: Path, out: Path) -> Path:
    """Return the package that the build backend makes; without isolation, so without a network."""
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out, cwd=source)
    return next(out.glob("*.tar.gz" if kind == "sdist" else "*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` of a fresh environment with the wheel; dependencies come from the environment of the tests."""
    tmp = tmp_path_factory.mktemp("package")
    source = tmp / "source"
    source.mkdir()
    run("tar", "-xzf", build("sdist", ROOT, tmp / "dist"), "--strip-components=1", cwd=source)
    wheel = build("wheel", source, tmp / "dist")
    venv.create(tmp / "venv", symlinks=True)
    python = tmp / "venv" / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp).strip())
    # A folder named in a .pth file is searched, but its own .pth files, such as the editable install's, are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel, cwd=tmp)
    return python.parent


@pytest.mark.parametrize("command", ["drill", "incident-drill"])
def test_an_installed_wheel_lists_the_scenarios_it_ships(installed: Path, tmp_path: Path, command: str) -> None:
    listed = run(installed / command, "list", "--json", cwd=tmp_path)
    assert "checkout-down" in json.dumps(json.loads(listed))


def test_an_installed_wheel_runs_from_its_own_files(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import drill; print(drill.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)
