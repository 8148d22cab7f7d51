"""`python -m nurture`: the same as the command `nurture`."""

from __future__ import annotations

import sys

from nurture.cli.main import main

sys.exit(main())
