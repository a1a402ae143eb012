"""Runs every shell line of the guides in docs/ against a server, so that they stay true.

    guides.py PROGRAM

The ```sh blocks of a guide run in one shell, in their order, with POSTITUS, TOKEN and the program in PATH. Every answer to
curl must be a success; in a block that is marked with a status (```sh 422) the last answer must have that status. ```json
blocks must be JSON.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from server import Server

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"^```(\w*) ?(\d*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# curl as the guides write it, noting the status of each answer.
PRELUDE = """
set -euo pipefail
curl() { command curl --fail-with-body --max-time 60 -w '%{stderr}@status %{http_code}\\n' "$@" || [ $? -eq 22 ]; }
"""


def run(text, server, settings):
    """What is wrong with the blocks of a guide, as sentences."""
    blocks = [(kind, status, code) for kind, status, code in BLOCK.findall(text)]
    script = PRELUDE
    for number, (kind, _, code) in enumerate(blocks):
        if kind == "sh":
            script += f"printf '@block {number}\\n' >&2\n{code}\nsleep 0.2\n"
        elif kind == "json":
            try:
                json.loads(code)
            except ValueError as error:
                yield f"a json block is none: {error}\n{code}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=server.folder, env=settings, capture_output=True, text=True, timeout=300, check=False
    )
    answers = {}
    current = None
    for line in done.stderr.splitlines():
        if line.startswith("@block "):
            current = int(line.split()[1])
            answers[current] = []
        elif line.startswith("@status "):
            answers[current].append(int(line.split()[1]))
    if done.returncode:
        yield f"the shell ended with {done.returncode} in:\n{blocks[current][2]}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
    for number, statuses in answers.items():
        _, wanted, code = blocks[number]
        expected = [200] * (len(statuses) - 1) + [int(wanted)] if wanted else [200] * len(statuses)
        good = [had == want or (want == 200 and had < 400) for had, want in zip(statuses, expected)]
        if not all(good) or (wanted and not statuses):
            yield f"answers {statuses} where {wanted or 'success'} is promised:\n{code}\n{done.stdout[-1500:]}"


def main():
    program = os.path.abspath(sys.argv[1])
    faults = 0
    for guide in sorted(DOCS.glob("*.md")):
        text = guide.read_text(encoding="utf-8")
        if "```sh" not in text or "$POSTITUS" not in text:
            continue
        with tempfile.TemporaryDirectory(prefix="postitus-guide-") as folder:
            server = Server(program, Path(folder), None)
            server.load_sample_register()
            url = server.start()
            try:
                settings = server.settings | {
                    "PATH": f"{Path(program).parent}:{os.environ['PATH']}",
                    "POSTITUS": url,
                    "TOKEN": server.command("token", "--scope", "admin", "--subject", "guide"),
                    "LC_ALL": "C.UTF-8",
                }
                # The variable of the guides is no setting of the program, which looks at POSTITUS_ only.
                told = list(run(text, server, settings))
            finally:
                server.stop()
        for fault in told:
            print(f"docs/{guide.name}: {fault}", file=sys.stderr)
        faults += len(told)
        print(f"docs/{guide.name}: {text.count('```sh')} blocks run, {len(told)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
