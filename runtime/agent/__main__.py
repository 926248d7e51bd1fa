"""``python -m treasurer.runtime.agent --bot DIR``: started by the supervisor and by commands, not by people."""

from .process import main

raise SystemExit(main())
