# syntax=docker/dockerfile:1
# A worker as an AWS Lambda function: docs/cloud-jobs.md. Built from the top of the checkout: docker build -f deploy/docker/lambda.Dockerfile .
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The same script packs the program without a container: node deploy/docker/pack.mjs worker DIR
RUN node deploy/docker/pack.mjs worker /program

# With the part of Lambda that calls the handler. Amazon Linux 2023 has a newer C library than Claude Code asks for.
FROM public.ecr.aws/lambda/nodejs:22
# What Claude Code uses in its turns, and ssh for repositories; add what your tasks need in an image of your own on top of this one.
RUN dnf install --assumeyes git openssh-clients procps-ng tar gzip && dnf clean all
ENV NODE_ENV=production
COPY --from=build /program ${LAMBDA_TASK_ROOT}
COPY deploy/lambda/handler.mjs ${LAMBDA_TASK_ROOT}/handler.mjs
# Lambda runs it as a user of its own, who may write in /tmp alone.
CMD ["handler.handler"]
