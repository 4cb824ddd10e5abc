from __future__ import annotations

from tests.server.conftest import models, speaking_site

__all__ = ["models", "speaking_site"]
