#!/bin/sh
# Installs those of the named Debian packages that are not there yet; a machine without apt is left as it is.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    echo "no apt-get here: please see that these are installed: $*" >&2
    exit 0
fi
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086 # one word per package is meant
$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
