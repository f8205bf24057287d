# Two stages: the first builds a virtual environment, the second holds it and nothing else.
#
#   docker build -t stylenet .
#   docker run --stop-timeout 40 -p 127.0.0.1:8017:8017 -v stylenet:/data \
#       -e STYLENET_ROOM__PASSWORD=… stylenet
#
# The image runs on CPUs and, with --gpus all, on NVIDIA GPUs, whose libraries are several gigabytes
# of it. For CPUs alone, TORCH_INDEX takes the index of PyTorch's CPU builds, which its installation
# page names:
#
#   docker build -t stylenet --build-arg TORCH_INDEX=… .

FROM python:3.11-slim AS build
ARG TORCH_INDEX
WORKDIR /src
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.lock
RUN /venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
        torch==2.13.0 torchvision==0.28.0
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY stylize stylize
RUN /venv/bin/pip install --no-cache-dir --no-deps . && /venv/bin/pip check

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 stylenet && install -d -o stylenet /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STYLENET_DATA=/data \
    STYLENET_ROOM__HOST=0.0.0.0
USER stylenet
WORKDIR /data
VOLUME /data
EXPOSE 8017
# docs/monitoring.md says what is healthy. Without the room, ask the monitor's port instead.
HEALTHCHECK --start-period=30s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8017/healthz', timeout=5)"]
ENTRYPOINT ["stylenet"]
CMD ["run", "--no-open"]
