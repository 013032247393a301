"""What the pages share. The only part of genlab that imports Streamlit."""
