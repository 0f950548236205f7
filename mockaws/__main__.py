"""`python -m mockaws` is the same as the command `mockaws`."""

import sys

from mockaws.cli import main

sys.exit(main())
