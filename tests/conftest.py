"""Two workers share two cores: numpy's own threads would only get in their way."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
