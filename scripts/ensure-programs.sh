#!/usr/bin/env bash
# Installs Debian packages whose programs are missing, where that is allowed; else says what to install.
#
#   scripts/ensure-programs.sh chromium jq npm python3-venv
set -euo pipefail

# Packages bear the names of their programs, but for two: a module of Python is completed by one, Java is in the other.
is_there() {
    case $1 in
        default-jre-headless) command -v java >/dev/null ;;
        python3-venv) python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing=()
for program in "$@"; do
    is_there "$program" || missing+=("$program")
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
    if ! is_there "$program"; then
        echo "$program is needed and is not installed. Debian, Ubuntu: sudo apt-get install $program" >&2
        exit 1
    fi
done
