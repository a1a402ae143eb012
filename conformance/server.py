"""A server of its own: the program in a folder, with the sample register in its database."""

import os
import secrets
import subprocess
import sys
import threading


class Server:
    """`postitus serve` in a folder of its own."""

    def __init__(self, program, folder, database_url):
        self.program, self.folder = program, folder
        self.settings = {
            "PATH": os.environ["PATH"],
            "POSTITUS_DATA_DIR": str(folder / "data"),
            "POSTITUS_LISTEN": "127.0.0.1:0",
            "POSTITUS_JWT_SECRET": secrets.token_hex(32),
            # Thousands of requests come from one token.
            "POSTITUS_RATE_LIMIT": "0",
            "RUST_LOG": "warn",
        }
        if database_url:
            self.settings["POSTITUS_DATABASE_URL"] = database_url

    def command(self, *arguments):
        """What a command of the program prints."""
        done = subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=self.settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"postitus {' '.join(arguments)}: {done.stderr}")
        return done.stdout.strip()

    def load_sample_register(self):
        """Imports the sample register."""
        register = self.folder / "register"
        self.command("demo", "--parties", "200", "--seed", "1", "--write-csv", str(register))
        self.command("import", str(register))

    def start(self, **settings):
        """Starts the server, with these settings too; its address."""
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.program, "serve"],
            cwd=self.folder,
            env=self.settings | settings,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        for line in self.process.stdout:
            if "listening on " in line:
                # What else it prints must not fill the pipe.
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return line.split("listening on ")[1].split()[0]
        sys.exit(f"the server did not start: {self.errors()}")

    def errors(self):
        """What the server logged."""
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
