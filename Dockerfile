# The server with its pages: docker build -t reenact . && docker run -p 4318:4318 \
#   -e REENACT_PASSWORD=... -v reenact:/data reenact
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home reenact && install -d -o reenact /data
COPY --from=build /wheels /wheels
RUN python -m pip install --no-cache-dir "$(ls /wheels/reenact-*.whl)[grpc]" && rm -r /wheels
USER reenact
ENV REENACT_HOME=/data REENACT_HOST=0.0.0.0
VOLUME /data
EXPOSE 4318 4317
HEALTHCHECK --interval=15s --timeout=5s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:4318/healthz', timeout=4)"]
# Other machines reach it, so it starts only with a password: REENACT_PASSWORD.
ENTRYPOINT ["reenact"]
CMD ["serve"]
