"""A pakn to try things on: its folder, its database, its tokens, its servers. Everything is on loopback."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTING = 30.0  # Seconds that a server may take to serve; a debug build on a busy machine is slow.
STOPPING = 30.0


class Violation(Exception):
    """Something that was promised did not hold."""


def reason(problem):
    """The first violation of a group."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def must(holds, what):
    if not holds:
        raise Violation(what)


def free_port():
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


class Server:
    """One `pakn serve`. It may be killed and started again; it keeps its port."""

    def __init__(self, house, name, settings):
        self.house, self.name = house, name
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.settings = {"PAKN_LISTEN": self.address, **settings}
        self.log = house.folder / f"{name}.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.house.binary, "serve"], env=self.house.environment(self.settings), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )
        self.house.servers.append(self)
        self.wait_until_serving()

    def wait_until_serving(self):
        deadline = time.monotonic() + STARTING
        while True:
            must(self.process.poll() is None, f"{self.name} ended by itself with {self.process.returncode}")
            # A fresh channel each time: one that failed to connect waits before it tries again.
            with grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
                try:
                    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
                    if answer.status == health_pb2.HealthCheckResponse.SERVING:
                        return
                except grpc.RpcError:
                    pass
            must(time.monotonic() < deadline, f"{self.name} does not serve after {STARTING:.0f} s")
            time.sleep(0.02)

    def kill(self):
        """kill -9, and waits until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        code = self.process.wait()
        must(code == -signal.SIGKILL, f"{self.name} had ended by itself with {code}")

    def stop(self):
        """SIGTERM; the server must end well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            raise Violation(f"{self.name} does not stop within {STOPPING:.0f} s of SIGTERM") from None
        must(code == 0, f"{self.name} ended with {code} after SIGTERM")

    def running(self):
        return self.process is not None and self.process.poll() is None


class House:
    """A folder with a migrated database, the ministry's directory, and the servers on it."""

    def __init__(self, binary, folder, database_url=None):
        self.binary = str(pathlib.Path(binary).resolve())
        must(os.access(self.binary, os.X_OK), f"{binary} is not there: `cargo build` makes it")
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.database_url = database_url or f"sqlite://{self.folder / 'pakn.db'}"
        self.servers = []

    def environment(self, settings=None):
        # Whoever runs this may have settings of their own; they must not reach the trial.
        outer = {name: value for name, value in os.environ.items() if not name.startswith("PAKN_")}
        here = {
            "PAKN_DATABASE_URL": self.database_url,
            "PAKN_DATA_DIR": str(self.data),
            "PAKN_MASTER_KEY": "1:" + "5e2f19a4c07b3d88" * 4,
        }
        return {**outer, **here, **(settings or {})}

    def run(self, *arguments, settings=None, codes=(0,)):
        """Runs the program to its end; gives what it printed."""
        done = subprocess.run(
            [self.binary, *arguments], env=self.environment(settings), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=300,
        )
        said = f"`pakn {' '.join(arguments)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        must(done.returncode in codes, said)
        return done.stdout

    def furnish(self):
        self.run("migrate")
        self.run("directory", "import", "ministry")

    def token(self, login):
        token = self.run("token", "create", "--account", login).strip()
        must(token and "\n" not in token, f"`pakn token create` prints more or less than a secret: {token!r}")
        return token

    def server(self, name="server", **settings):
        return Server(self, name, settings)

    def end(self, failed):
        """Leaves nothing running; after a failure shows the end of what the servers said."""
        for server in dict.fromkeys(self.servers):
            if server.running():
                server.process.kill()
                server.process.wait()
            if failed and server.log.exists():
                lines = server.log.read_text(errors="replace").splitlines()[-30:]
                print(f"--- the last lines of {server.name}", *lines, sep="\n", file=sys.stderr)


@contextlib.contextmanager
def house(binary, postgres=None):
    """A house in a temporary folder, kept only if KEEP is set."""
    folder = tempfile.mkdtemp(prefix="pakn-trial.")
    home = House(binary, folder, postgres and postgres.url)
    failed = True
    try:
        yield home
        failed = False
    finally:
        home.end(failed)
        if os.environ.get("KEEP"):
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A private PostgreSQL that syncs to disk as a real one does."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pakn-trial-postgres.")
        self.programs = pathlib.Path(self._script("check"))
        self.url = None

    def _script(self, *arguments):
        done = subprocess.run(["bash", ROOT / "scripts/postgres", *arguments], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(done.returncode)  # It has said why.
        return done.stdout.strip()

    def start(self):
        self.url = self._script("start", self.folder)

    def kill(self):
        self._script("kill", self.folder)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._script("stop", self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
