#!/usr/bin/env bash
# Installs Debian packages whose programs are missing, where that is allowed; else says what to install.
#
#   scripts/ensure-programs.sh chromium jq
set -euo pipefail

missing=()
for program in "$@"; do
    command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }; then
    echo "installing ${missing[*]} with apt-get" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -euc \
        'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' install "${missing[@]}" >&2
fi
for program in "${missing[@]}"; do
    if ! command -v "$program" >/dev/null; then
        echo "$program is needed and is not installed. Debian, Ubuntu: sudo apt-get install $program" >&2
        exit 1
    fi
done
