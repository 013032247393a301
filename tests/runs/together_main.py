"""``python -m genlab`` for the tests of several processes: it writes all the time, and tells its number and its id."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from genlab.cli import main
from genlab.runs import recorder
from tests.runs.conftest import QUICK

if __name__ == "__main__":
    (Path(os.environ["GENLAB_HOME"]) / f"rank-{os.environ['RANK']}.pid").write_text(str(os.getpid()))
    vars(recorder).update(QUICK)
    sys.exit(main())
