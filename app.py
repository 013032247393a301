"""The dashboard: ``streamlit run app.py``. Page chrome and navigation, and the addresses served beside the pages.

Streamlit finds the application here and imports this file once, to serve it; then it runs the same file as a script,
once for each change on a visitor's page.
"""

import streamlit as st

from genlab.ui import serving, shell

if __name__ == "__main__":
    shell.run()
else:
    serving.begin_log()
    app = st.App(__file__, routes=serving.routes(), middleware=serving.middleware(), lifespan=serving.lifespan)
