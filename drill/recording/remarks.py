"""How a recording holds remarks.

Separate because a crash report begins with them, and whatever writes one must load next to nothing.
"""

from __future__ import annotations

COMMENT = "#"
"""What a remark before the header begins with."""
