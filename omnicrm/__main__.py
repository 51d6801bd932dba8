"""`python -m omnicrm` is the `omnicrm` command."""

import sys

from omnicrm.cli import main

sys.exit(main())
