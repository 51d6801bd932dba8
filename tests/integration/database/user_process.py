"""A program that uses the embedded server: it prints the address, waits for its input to end, and ends normally.

Arguments: the data directory, then maybe the number of the user to become first.
"""

import os
import sys
from pathlib import Path

from omnicrm.database import EmbeddedDatabaseError, ensure_embedded

if len(sys.argv) > 2:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))

try:
    print(ensure_embedded(Path(sys.argv[1]), durable=False), flush=True)  # noqa: T201 - its output is its answer
except EmbeddedDatabaseError as error:
    sys.exit(f"refused: {error}")
sys.stdin.read()
