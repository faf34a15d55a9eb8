"""The folders drill uses: where scenarios are read and where a person's own files go.

Separate so that commands get them as a value and tests can give others. Nothing here creates or reads a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things are."""

    library: Path
    """Scenarios that come with drill."""
    config: Path
    data: Path
    cache: Path
    """What may be thrown away."""

    @property
    def recordings(self) -> Path:
        """Recordings of runs."""
        return self.data / "recordings"

    @property
    def exports(self) -> Path:
        """Texts that were copied to a file."""
        return self.data / "exports"

    @property
    def checks(self) -> Path:
        """Finished runs of `drill check --play --full`."""
        return self.cache / "checks"

    @property
    def crashes(self) -> Path:
        """Reports of crashes."""
        return self.data / "crashes"


def standard() -> Folders:
    """Return the folders of this person on this machine."""
    import platformdirs  # noqa: PLC0415 - only commands need folders, not the help

    from drill.scenario import library  # noqa: PLC0415 - as above

    places = platformdirs.PlatformDirs("drill", appauthor=False)
    return Folders(
        library=library.folder(),
        config=places.user_config_path,
        data=places.user_data_path,
        cache=places.user_cache_path,
    )
