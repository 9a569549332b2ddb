#!/bin/sh
# Writes deploy/.env with fresh secrets for compose.yaml. One that is there already is never touched: its passwords are in use.
set -eu
file="$(dirname "$0")/.env"
if [ -e "$file" ]; then
  echo "$file is there already and stays as it is."
  exit 0
fi
random() {
  head -c "$1" /dev/urandom | base64 | tr -d '\n'
}
umask 077
{
  echo "# Made by deploy/make-env.sh. Keep a copy in a safe place: without SECRET_KEY, kept secrets cannot be read again."
  # In an address, so without the signs that mean something there.
  echo "POSTGRES_PASSWORD=$(random 24 | tr '+/' '-_')"
  echo "SECRET_KEY=$(random 32)"
  echo "PUBLIC_URL=http://127.0.0.1:4870"
  echo "# A login for the worker, one of the two:"
  echo "ANTHROPIC_API_KEY="
  echo "CLAUDE_CODE_OAUTH_TOKEN="
  echo "# Traces and reports of errors (docs/monitoring.md), where they are wanted; what else compose.yaml reads stands in it:"
  echo "# OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.example.com:4318"
  echo "# SENTRY_DSN=https://KEY@HOST/PROJECT"
} > "$file.next"
mv "$file.next" "$file"
echo "Wrote $file. Set a login in it, or WORKER_DEMO=1, then: docker compose -f deploy/compose.yaml up --build -d --wait"
