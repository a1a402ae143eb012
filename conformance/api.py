"""Runs Schemathesis against a server of its own, with the sample register and one sent mailing in its database.

    api.py PROGRAM sqlite|postgres

PostgreSQL is the server that POSTITUS_TEST_POSTGRES_URL names (scripts/with-postgres.sh); a database is made there and
dropped again. Exits 1 when a check fails, when an operation never succeeded, or when one got too few requests.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pg8000.native
import requests

from server import Server

HERE = Path(__file__).resolve().parent
EXAMPLES = 50
METHODS = ("get", "put", "post", "delete", "patch")


def connect(url):
    """A connection to the server, to its maintenance database."""
    parts = urlsplit(url)
    return pg8000.native.Connection(
        unquote(parts.username or "postgres"),
        password=unquote(parts.password) if parts.password else None,
        host=parts.hostname,
        port=parts.port or 5432,
        database=parts.path.strip("/") or "postgres",
    )


def send_a_mailing(url, token):
    """Sends the mailing whose deliveries and contacts the tests find."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"

    def call(method, path, **options):
        answer = session.request(method, f"{url}/api/v1{path}", timeout=60, **options)
        if not answer.ok:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    draft = {
        "name": "Sent before the tests",
        "purpose": "service",
        "delivery": {"channels": ["email"]},
        "recipients": {"filter": {"role": {"codes": ["resident"]}}},
        "contents": [{"channel": "email", "language": "fi", "subject": "Vesikatko", "body": "Hei {{ recipient.name }}"}],
        "sender": {"address": "tiedote@example.fi"},
        "missing_language": "fallback",
        "fallback_language": "fi",
    }
    mailing = call("POST", "/mailings", json=draft, headers={"Idempotency-Key": "before-1"})
    path = f"/mailings/{mailing['mailing_id']}"
    preview = call("POST", f"{path}/preview", json={})
    approved = {name: preview[name] for name in ("content_hash", "recipients_hash")}
    call("POST", f"{path}/send", json=approved, headers={"Idempotency-Key": "before-2"})
    deadline = time.monotonic() + 60
    while call("GET", path)["status"] != "finished":
        if time.monotonic() > deadline:
            sys.exit("the mailing before the tests did not finish within a minute")
        time.sleep(0.1)


def shortcomings(document, tally):
    """What the tests did not do for which operation, as sentences."""
    for path, item in sorted(document["paths"].items()):
        for method in METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            name = operation["operationId"]
            statuses = tally.get(name, {})
            sent = sum(statuses.values())
            good = sum(count for status, count in statuses.items() if status.startswith("2"))
            shown = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
            print(f"  {name:<28} {sent:>5} requests, {good:>5} succeeded  ({shown})")
            if not good:
                yield (
                    f"{name} ({method.upper()} {path}) never succeeded: give it a resource to work on in MADE of "
                    "conformance/hooks.py, or examples that the sample register has"
                )
            takes_something = operation.get("parameters") or operation.get("requestBody")
            if takes_something and sent < EXAMPLES:
                yield f"{name} ({method.upper()} {path}) got {sent} requests, not {EXAMPLES}"


def test(server, report):
    """Runs the tests; whether all is well."""
    server.load_sample_register()
    token = server.command("token", "--scope", "admin", "--subject", "conformance", "--ttl", "7200")
    url = server.start()
    try:
        send_a_mailing(url, token)
        tally = server.folder / "tally.json"
        settings = os.environ | {
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "POSTITUS_CONFORMANCE_URL": url,
            "POSTITUS_CONFORMANCE_TOKEN": token,
            "POSTITUS_CONFORMANCE_TALLY": str(tally),
        }
        command = [sys.executable, "-m", "schemathesis.cli.__main__", "--config-file", str(HERE / "schemathesis.toml")]
        # From a file: Schemathesis does not test the operation that it reads the document by.
        document = requests.get(f"{url}/api/v1/openapi.json", timeout=30).json()
        (server.folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        command += ["run", "openapi.json", "--url", url, "--report", "junit", "--report-junit-path", str(report)]
        done = subprocess.run(command, cwd=server.folder, env=settings, check=False)
        faults = list(shortcomings(document, json.loads(tally.read_text()) if tally.exists() else {}))
    finally:
        server.stop()
    if done.returncode:
        faults.append("Schemathesis found what is told above")
        print(server.errors()[-4000:])
    for fault in faults:
        print(f"conformance: {fault}", file=sys.stderr)
    return not faults


def main():
    program, backend = os.path.abspath(sys.argv[1]), sys.argv[2]
    report = Path(program).parent / f"schemathesis-{backend}.xml"
    with tempfile.TemporaryDirectory(prefix="postitus-conformance-") as folder:
        if backend == "sqlite":
            return test(Server(program, Path(folder), None), report)
        url = os.environ.get("POSTITUS_TEST_POSTGRES_URL")
        if not url:
            sys.exit("run it through scripts/with-postgres.sh, or set POSTITUS_TEST_POSTGRES_URL")
        name = f"postitus_conformance_{secrets.token_hex(6)}"
        connection = connect(url)
        connection.run(f"CREATE DATABASE {name}")
        try:
            return test(Server(program, Path(folder), urlsplit(url)._replace(path=f"/{name}").geturl()), report)
        finally:
            connection.run(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    started = time.monotonic()
    passed = main()
    print(f"conformance: {sys.argv[2]}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s")
    sys.exit(0 if passed else 1)
