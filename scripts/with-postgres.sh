#!/usr/bin/env bash
# Runs a command with POSTITUS_TEST_POSTGRES_URL set to a PostgreSQL server whose role may create databases.
#
#   scripts/with-postgres.sh cargo test --workspace
#
# The server is the one that POSTITUS_TEST_POSTGRES_URL names already; else a throw-away cluster of the newest installed
# PostgreSQL; else PostgreSQL is installed first, where that is allowed. What this script starts, it stops and removes.
#
#   POSTITUS_TEST_POSTGRES_FSYNC=off   a faster throw-away cluster that would not survive a power cut
set -euo pipefail

say() { printf '%s\n' "with-postgres: $*" >&2; }

if [ $# -eq 0 ]; then
    say "usage: scripts/with-postgres.sh COMMAND [ARGUMENT...]"
    exit 2
fi

if [ -n "${POSTITUS_TEST_POSTGRES_URL:-}" ]; then
    # A nested call inherits the outer call's cluster, which has been announced already.
    [ -n "${POSTITUS_TEST_POSTGRES_ANNOUNCED:-}" ] || say "PostgreSQL is the one that POSTITUS_TEST_POSTGRES_URL names"
    export POSTITUS_TEST_POSTGRES_ANNOUNCED=yes
    exec "$@"
fi

# Prints the folder of the newest PostgreSQL server's programs; prints nothing when there is none.
find_binaries() {
    local candidate folder version
    {
        command -v postgres || true
        printf '%s\n' /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
            /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres
    } | while read -r candidate; do
        folder=$(dirname "$candidate")
        if [ -x "$candidate" ] && [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            version=$("$candidate" --version | sed -E 's/[^0-9]*([0-9.]+).*/\1/')
            printf '%s %s\n' "$version" "$folder"
        fi
    done | sort -V | tail -n 1 | cut -d ' ' -f 2-
}

# Installs PostgreSQL by apt-get, without the cluster and the service that the package would start.
install_binaries() {
    local as_root=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    say "no PostgreSQL is installed; installing it with apt-get"
    # shellcheck disable=SC2016
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -euc '
        apt-get update -q
        apt-get install -y -q --no-install-recommends postgresql-common
        setting=/etc/postgresql-common/createcluster.conf
        cp -p "$setting" "$setting.postitus"
        trap "mv $setting.postitus $setting" EXIT
        sed -i -E "s/^#? *create_main_cluster *=.*/create_main_cluster = false/" "$setting"
        apt-get install -y -q --no-install-recommends postgresql
    ' >&2
}

how="installed binaries"
bin=$(find_binaries)
if [ -z "$bin" ] && install_binaries; then
    how="binaries just installed with apt-get"
    bin=$(find_binaries)
fi
if [ -z "$bin" ]; then
    say "no PostgreSQL server was found, and none could be installed."
    say "Either install it (Debian, Ubuntu: sudo apt-get install postgresql), so that initdb and postgres are in PATH or under"
    say "/usr/lib/postgresql/, or name a running server whose role may create databases:"
    say "  POSTITUS_TEST_POSTGRES_URL=postgres://user:password@host:5432/postgres make test"
    exit 1
fi

# PostgreSQL refuses to run as root.
owner=
if [ "$(id -u)" -eq 0 ]; then
    for candidate in postgres nobody; do
        if id "$candidate" >/dev/null 2>&1; then
            owner=$candidate
            break
        fi
    done
    if [ -z "$owner" ] || ! command -v runuser >/dev/null; then
        say "PostgreSQL does not run as root: it needs runuser (util-linux) and a user named postgres or nobody"
        exit 1
    fi
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/postitus-postgres.XXXXXX")
data=$folder/data
log=$folder/log

# Runs a program of PostgreSQL as the cluster's owner, in a folder that the owner may enter.
as_owner() {
    if [ -n "$owner" ]; then
        (cd "$folder" && runuser -u "$owner" -- "$@")
    else
        (cd "$folder" && "$@")
    fi
}

cleanup() {
    local status=$? pid=
    trap - EXIT
    if [ -f "$data/postmaster.pid" ]; then
        pid=$(head -n 1 "$data/postmaster.pid" || true)
        as_owner "$bin/pg_ctl" stop -D "$data" -m immediate -w -t 20 >/dev/null 2>&1 ||
            { [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true; }
    fi
    rm -rf "$folder"
    exit "$status"
}
trap cleanup EXIT
# The command gets the signal too, when it comes from the terminal; the cluster goes after the command has ended.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

[ -z "$owner" ] || chown "$owner" "$folder"
if ! as_owner test -w "$folder"; then
    say "the user $owner cannot write to $folder: set TMPDIR to a folder that everyone may enter, such as /tmp"
    exit 1
fi

# Production databases sort by a language. So does this one where it can, so that a query that leans on the database's
# collation fails here and not there.
create_cluster() {
    as_owner "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-sync "$@" >"$log" 2>&1 && return
    rm -rf "$data"
    return 1
}
if ! create_cluster --locale=C.UTF-8 --locale-provider=icu --icu-locale=fi &&
    ! create_cluster --locale=C.UTF-8 && ! create_cluster --locale=C; then
    say "initdb failed:"
    cat "$log" >&2
    exit 1
fi

cat >"$folder/settings" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
SETTINGS
if [ "${POSTITUS_TEST_POSTGRES_FSYNC:-on}" = off ]; then
    cat >>"$folder/settings" <<SETTINGS
fsync = off
synchronous_commit = off
full_page_writes = off
SETTINGS
fi
cat "$folder/settings" >>"$data/postgresql.conf"

started=
for _ in 1 2 3 4 5 6 7 8 9 10; do
    # Below the range that outgoing connections take their ports from.
    port=$((20000 + RANDOM % 12000))
    if as_owner "$bin/pg_ctl" start -D "$data" -l "$data/server.log" -o "-p $port" -w -t 60 >/dev/null 2>&1; then
        started=yes
        break
    fi
    grep -q "in use" "$data/server.log" 2>/dev/null || break
    rm -f "$data/server.log"
done
if [ -z "$started" ]; then
    say "the throw-away PostgreSQL did not start:"
    cat "$data/server.log" >&2 || true
    exit 1
fi

say "PostgreSQL is a throw-away cluster of the $how in $bin ($("$bin/postgres" --version | sed 's/.*) //'))," \
    "port $port${owner:+, run as $owner}"
export POSTITUS_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
export POSTITUS_TEST_POSTGRES_ANNOUNCED=yes
status=0
"$@" || status=$?
exit "$status"
