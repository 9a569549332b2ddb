# syntax=docker/dockerfile:1
# A worker with Claude Code. Built from the top of the checkout: docker build -f deploy/docker/worker.Dockerfile .
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The same script packs the program without a container: node deploy/docker/pack.mjs worker DIR
RUN node deploy/docker/pack.mjs worker /program

FROM node:22-bookworm-slim
# What Claude Code uses in its turns, and ssh for repositories; add what your tasks need in an image of your own on top of this one.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates curl git openssh-client procps ripgrep \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production WORKER_DIR=/worker
COPY --from=build /program /program
RUN install --directory --owner=node --group=node --mode=0700 /worker /enrol
USER node
WORKDIR /program
VOLUME /worker
# Every heartbeat that is answered renews a file; the worker opens no port.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "/program/healthy.mjs"]
# The first stop lets runs go on for WORKER_DRAIN_GRACE_SECONDS and hands the rest back; stop_grace_period has to be longer.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
