#!/bin/sh
# Keeps the database as it is now, and the keys that belong to it: sh deploy/backup.sh FOLDER
# As the user of the orchestrator and with its variables (DATA_DIR, DATABASE_URL). What is older than KEEP_DAYS (14) is removed, after
# the new one is whole. A PostgreSQL behind a transaction pooler is read by another way: BACKUP_DATABASE_URL.
set -eu
umask 077
folder=${1:?Say where backups go: sh deploy/backup.sh FOLDER}
data=${DATA_DIR:-./data}
program="$(dirname "$0")/../apps/orchestrator/dist/maintain.js"
backup="$folder/$(date -u +%Y-%m-%dT%H-%M-%SZ)"

mkdir -p "$backup.partial"
case "${DATABASE_URL:-sqlite:}" in
  sqlite:*) node "$program" backup "$backup.partial/corch.sqlite" ;;
  *)
    # Lists of processes show command lines, so the password goes by the environment.
    export BACKUP_DATABASE_URL="${BACKUP_DATABASE_URL:-$DATABASE_URL}"
    PGPASSWORD=$(node -p 'decodeURIComponent(new URL(process.env.BACKUP_DATABASE_URL).password)')
    export PGPASSWORD
    address=$(node -p 'Object.assign(new URL(process.env.BACKUP_DATABASE_URL), { password: "" }).href')
    pg_dump --format=custom --no-owner --file="$backup.partial/corch.dump" "$address"
    ;;
esac
for key in admin.key secret.key; do
  if [ -e "$data/$key" ]; then cp "$data/$key" "$backup.partial/$key"; fi
done
mv "$backup.partial" "$backup"

# Half ones of earlier tries, too.
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '????-??-??T??-??-??Z*' -mtime "+${KEEP_DAYS:-14}" -exec rm -rf {} +
echo "$backup"
