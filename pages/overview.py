"""What the lab is, what was trained last, all runs, and the models that come along."""

import streamlit as st

from genlab.ui import overview, people, shell, zoo
from genlab.ui.i18n import t
from genlab.zoo.shipped import shipped_runs

shell.enter("overview", header=False)
overview.shared()

story, picture = st.columns([1, 1], gap="large")
with story:
    st.title(t("overview.title"), anchor=False)
    st.subheader(t("overview.lead"), anchor=False)
    st.markdown(t("overview.what"))
    ways = st.container(horizontal=True, vertical_alignment="center", gap="small")

runs = overview.read_runs()
overview.showcase(runs.good, shipped_runs(), picture, ways)
overview.list_runs(runs)
shell.guarded(zoo.draw)()
people.draw()
