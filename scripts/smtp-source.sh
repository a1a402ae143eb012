#!/usr/bin/env bash
# Runs postfix's smtp-source with the given arguments: the installed one, else one unpacked from Debian's package into
# target/postfix, which installs nothing. Ends with 127 where it cannot be had.
set -euo pipefail

if [ -x /usr/sbin/smtp-source ]; then
    exec /usr/sbin/smtp-source "$@"
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${CARGO_TARGET_DIR:-$root/target}/postfix
program=$folder/usr/sbin/smtp-source
if [ ! -x "$program" ]; then
    mkdir -p "$folder"
    {
        cd "$folder"
        apt-get download -q postfix && dpkg-deb -x postfix_*.deb .
    } >/dev/null 2>&1 || exit 127
fi
export LD_LIBRARY_PATH=$folder/usr/lib/postfix
if ldd "$program" | grep -q "not found"; then
    exit 127
fi
exec "$program" "$@"
