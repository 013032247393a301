# syntax=docker/dockerfile:1
# The dashboard in a container: `docker build -t genlab .`, or for an NVIDIA card
# `docker build -t genlab --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .` and `docker run --gpus all`.
FROM python:3.11-slim-bookworm AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --index-url "$TORCH_INDEX" "$(grep '^torch==' /tmp/requirements.txt | cut -d' ' -f1)" \
    && /venv/bin/pip install --no-cache-dir -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
# 1000 is whom Hugging Face runs containers as; the volume /data keeps runs, data sets and downloads.
RUN useradd --create-home --uid 1000 genlab && install -d -o genlab /data
COPY --from=build /venv /venv
COPY app.py LICENSE requirements.txt /app/
COPY .streamlit /app/.streamlit
COPY pages /app/pages
COPY genlab /app/genlab
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GENLAB_HOME=/data GENLAB_CACHE=/data/cache \
    GENLAB_STOP_WORKERS=true MALLOC_ARENA_MAX=2
USER genlab
WORKDIR /app
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/health/live', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.headless", "true", "--server.address", "0.0.0.0", "--server.port", "8501"]
