# syntax=docker/dockerfile:1
# One image: edge, aggregator with its console, and the commands. It runs as nobody in particular, on a root file system that
# is read only; what lasts is below /data.
#   docker run slipstream edge        docker run slipstream aggregator        docker run slipstream pki --help
FROM denoland/deno:2.9.6

ENV DENO_DIR=/deno-dir \
    DENO_NO_UPDATE_CHECK=1 \
    DENO_NO_PROMPT=1 \
    NO_COLOR=1 \
    PATH=/app/deploy/image:$PATH

WORKDIR /app
COPY . .
# Every module is fetched, compared with the lock file and compiled here: a container fetches nothing, and writes no cache.
RUN deploy/image/build && mkdir -p /data/pki /data/handed/edge /data/handed/aggregator /data/handed/scrape && chown -R 1993:1993 /data

USER 1993:1993
# Paths such as data/journal are below /data.
WORKDIR /
VOLUME /data
EXPOSE 8787 8788
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["health"]
ENTRYPOINT ["/tini", "--"]
CMD ["edge"]
