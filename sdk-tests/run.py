"""Makes a client from openapi.yaml in each language, checks it, and drives a server through it.

    run.py PROGRAM FOLDER [LANGUAGE...]

FOLDER has what the languages are built with (see the Makefile); the clients are made there.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "conformance"))
from server import Server  # noqa: E402

DOCUMENT = HERE.parent / "openapi.yaml"
STAFF_SCOPES = "internetviestit:read internetviestit:write mailings:read mailings:write tokens:mint"


def typescript(folder, run):
    for source in ["generate.mjs", "round-trip.ts", "tsconfig.json"]:
        shutil.copy(HERE / "typescript" / source, folder)
    run("node", "generate.mjs", DOCUMENT, "schema.ts")
    run("tsc")
    return ["node", "built/round-trip.js"]


def python(folder, run):
    shutil.copy(HERE / "python" / "round_trip.py", folder)
    run(
        *["openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none"],
        *["--config", HERE / "python" / "config.yml"],
        # It warns of what it leaves out of the client.
        *["--output-path", "postitus_sdk", "--overwrite", "--fail-on-warning"],
    )
    run("mypy", "--strict", "--no-error-summary", "round_trip.py")
    return ["python", "round_trip.py"]


def rust(folder, run):
    shutil.copytree(HERE / "rust", folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "sdk", ignore_errors=True)
    run(
        *["../python/bin/openapi-generator-cli", "generate", "-i", DOCUMENT, "-g", "rust", "-o", "sdk"],
        # The lock file names this version, not the document's, which changes.
        *["--additional-properties", "packageName=postitus_sdk,packageVersion=0.0.0"],
        *["--global-property", "apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false"],
    )
    # The product's folder, where many of the crates are built already.
    run("cargo", "build", "--quiet", "--locked", "--target-dir", folder.parents[1])
    return [folder.parents[1] / "debug" / "postitus-sdk-test"]


LANGUAGES = {"typescript": typescript, "python": python, "rust": rust}


def two_residents(register):
    """Two people of the sample who live somewhere today."""
    with open(register / "roles.csv", encoding="utf-8") as roles:
        living = [row["party_id"] for row in csv.DictReader(roles) if row["role"] == "resident" and not row["valid_to"]]
    party, *others = dict.fromkeys(living)
    return {"PARTY": party, "OTHER_PARTY": others[-1]}


def check(language, folder, settings):
    """Whether all goes well in a language; what went wrong is printed."""

    tools = [folder / "bin", folder / "node_modules" / ".bin", os.environ["PATH"]]
    environment = os.environ | settings | {"PATH": os.pathsep.join(map(str, tools))}

    def run(*command):
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            sys.stderr.write(done.stdout)
            raise SystemError(f"{' '.join(map(str, command))} failed in {folder}")

    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run(*LANGUAGES[language](folder, run))
    except SystemError as error:
        print(f"sdk {language}: FAILED: {error}", file=sys.stderr)
        return False
    print(f"sdk {language}: passed in {time.monotonic() - began:.0f} s", flush=True)
    return True


def main():
    program, folder, *languages = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="postitus-sdk-") as data:
        server = Server(os.path.abspath(program), Path(data), None)
        server.load_sample_register()
        settings = {
            "POSTITUS": server.start(),
            "STAFF_TOKEN": server.command("token", "--scope", STAFF_SCOPES, "--subject", "sdk"),
        } | two_residents(Path(data) / "register")
        try:
            good = [check(language, Path(folder).resolve() / language, settings) for language in languages or LANGUAGES]
        finally:
            server.stop()
        sys.stderr.write(server.errors())
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
