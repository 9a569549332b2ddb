# syntax=docker/dockerfile:1
# The orchestrator with the dashboard. Built from the top of the checkout: docker build -f deploy/docker/orchestrator.Dockerfile .
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The same script packs the program without a container: node deploy/docker/pack.mjs orchestrator DIR
RUN node deploy/docker/pack.mjs orchestrator /program

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4870 DATA_DIR=/data DASHBOARD_DIR=/program/dashboard
COPY --from=build /program /program
RUN install --directory --owner=node --group=node --mode=0700 /data /enrol
USER node
WORKDIR /program
VOLUME /data
EXPOSE 4870
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["node", "/program/healthy.mjs"]
# The program closes streams, finishes requests and gives its database lease back when it is told to stop.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
