#!/usr/bin/env bash
# Proves with cargo tree that the crates depend on each other in one direction only (ARCHITECTURE.md), that each keeps away
# from the libraries of the others' work, and that one TLS and cryptography stack is linked and no second one.
set -euo pipefail

faults=0

# Prints the names of the crates in a cargo tree, one a line.
names() { cargo tree --locked --prefix none --format '{p}' "$@" | cut -d ' ' -f 1 | sort -u; }

# forbid WHO "TREE OPTIONS" CRATE...: reports each crate that the tree contains.
forbid() {
    local who=$1 options=$2 tree crate
    shift 2
    # shellcheck disable=SC2086
    tree=$(names $options)
    for crate in "$@"; do
        if grep -qx -- "$crate" <<<"$tree"; then
            echo "layers: $who must not depend on $crate; see: cargo tree $options -i $crate"
            faults=$((faults + 1))
        fi
    done
}

http="actix-web utoipa utoipa-actix-web"
sql="diesel diesel_migrations libsqlite3-sys pq-sys tokio-postgres"
# shellcheck disable=SC2086
{
    forbid domain "-p domain -e normal" persistence delivery api $http $sql reqwest
    forbid persistence "-p persistence -e normal" delivery api $http reqwest
    # lettre is the domain's too, for its address type: what counts is what persistence itself names.
    forbid persistence "-p persistence -e normal --depth 1" lettre tokio-rustls rustls jsonwebtoken
    forbid delivery "-p delivery -e normal" api $http
    forbid delivery "-p delivery -e normal --depth 1" $sql
    forbid api "-p api -e normal --depth 1" $sql lettre
    forbid "the workspace with S3" "--workspace -e normal,build,dev --features api/s3" aws-lc-sys aws-lc-rs openssl-sys native-tls
    forbid "the workspace" "--workspace -e normal,build,dev" aws-lc-sys aws-lc-rs openssl-sys native-tls
}

if [ "$faults" -gt 0 ]; then
    exit 1
fi
echo "layers: api -> delivery -> persistence -> domain; one TLS stack"
