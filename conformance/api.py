"""Runs Schemathesis against a server of its own, with the sample register and one sent mailing in its database.

    api.py PROGRAM sqlite|postgres

PostgreSQL is the server that POSTITUS_TEST_POSTGRES_URL names (scripts/with-postgres.sh); a database is made there and
dropped again. Exits 1 when a check fails, when an operation never succeeded, or when one got too few requests.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pg8000.native
import requests

from server import Server

HERE = Path(__file__).resolve().parent
EXAMPLES = 50
PAUSED = 2
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


class Sender:
    """Sends mailings over the API."""

    def __init__(self, url, token):
        self.url = f"{url}/api/v1"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, **options):
        """The answer as JSON."""
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method == "POST" else {}
        answer = self.session.request(method, self.url + path, headers=headers, timeout=60, **options)
        if not answer.ok:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def send(self, name, recipients):
        """Sends a mailing; its path."""
        draft = {
            "name": name,
            "purpose": "service",
            "delivery": {"channels": ["email"]},
            "recipients": recipients,
            "contents": [
                {"channel": "email", "language": "fi", "subject": "Vesikatko", "body": "Hei {{ recipient.name }}"}
            ],
            "sender": {"address": "tiedote@example.fi"},
            "missing_language": "fallback",
            "fallback_language": "fi",
        }
        path = f"/mailings/{self.call('POST', '/mailings', json=draft)['mailing_id']}"
        preview = self.call("POST", f"{path}/preview", json={})
        approved = {name: preview[name] for name in ("content_hash", "recipients_hash")}
        self.call("POST", f"{path}/send", json=approved)
        return path

    def wait(self, path, status):
        """Waits until a mailing is in a status."""
        deadline = time.monotonic() + 90
        while (now := self.call("GET", path)["status"]) != status:
            if time.monotonic() > deadline:
                sys.exit(f"{path} is {now}, and not {status} within 90 s")
            time.sleep(0.1)


def hang_up(listener):
    """A mail server that takes connections and hangs up on them, which is a fault of the relay."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Timer(0.4, connection.close).start()


def prepare(server, token):
    """Starts the server with one mailing sent, and some that paused themselves because of their relay; its address."""
    everyone = {"filter": {"role": {"codes": ["resident"]}}}
    with socket.create_server(("127.0.0.1", 0), backlog=64) as relay:
        threading.Thread(target=hang_up, args=(relay,), daemon=True).start()
        url = server.start(
            POSTITUS_SMTP_URL=f"smtp://127.0.0.1:{relay.getsockname()[1]}?tls=none",
            POSTITUS_SENDERS="*@example.fi",
            POSTITUS_RELAY_PATIENCE_SECONDS="1",
        )
        sender = Sender(url, token)
        for number in range(PAUSED):
            sender.wait(sender.send(f"Paused {number}", everyone), "paused")
        server.stop()
    url = server.start()
    sender = Sender(url, token)
    sender.wait(sender.send("Sent before the tests", everyone), "finished")
    return url


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
    url = prepare(server, token)
    try:
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
