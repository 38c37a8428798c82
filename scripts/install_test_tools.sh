#!/bin/sh
# Installs what the tests drive besides Python: headless Chromium and a PostgreSQL server.
set -eu
if command -v npm >/dev/null 2>&1 && [ ! -d tests/uploads/node/node_modules ]; then
    echo "Installing for the tests: tus-js-client, into tests/uploads/node"
    npm ci --silent --no-audit --no-fund --prefix tests/uploads/node
fi
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Not found:$missing. Install them to run the tests that need them; those are skipped."
    exit 0
fi
run=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "Not found:$missing, and no right to install."; exit 0; }
    run="sudo"
fi
echo "Installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing fonts-dejavu-core >/dev/null
