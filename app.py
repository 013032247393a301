"""The dashboard: ``streamlit run app.py``. Page chrome and navigation, nothing else."""

from genlab.ui import shell

shell.run()
