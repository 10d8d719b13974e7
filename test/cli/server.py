"""A PostgreSQL server of a test's own, in a folder that goes with it."""
import atexit
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time

os.environ["PATH"] += ":/usr/sbin"
BIN = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [""])[-1]


def is_there():
    return os.path.exists(BIN + "/initdb")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self):
        # a socket's path is short, and a server is never root's
        self.folder = tempfile.mkdtemp(prefix="rj-pg-", dir="/tmp")
        self.port = free_port()
        self.children = []
        self.as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
            self.as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup",
                            "--clear-groups"]
        atexit.register(self.stop)
        self.call("initdb", "-D", self.data(), "-U", "admin", "-E", "UTF8",
                  "--locale=C.UTF-8", "-N", "-A", "scram-sha-256",
                  "--pwfile=" + self.note("pw", "Ge:heim@%1\n"))
        with open(self.data() + "/pg_hba.conf", "w", encoding="ascii") as f:
            f.write("local all all trust\n"
                    "host all all 127.0.0.1/32 scram-sha-256\n")
        self.start()

    def data(self):
        return self.folder + "/data"

    def note(self, name, text, mode=0o644):
        path = f"{self.folder}/{name}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def call(self, program, *args):
        subprocess.run([*self.as_user, f"{BIN}/{program}", *args], check=True,
                       cwd=self.folder, stdout=subprocess.DEVNULL)

    def spawn(self, *command):
        log = open(self.folder + "/log", "ab")
        self.children.append(subprocess.Popen(
            [*self.as_user, *command], cwd=self.folder, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL))

    def start(self):
        self.spawn(f"{BIN}/postgres", "-D", self.data(), "-k", self.folder,
                   "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                   "-F", "-c", "max_connections=120")
        self.wait("admin", "postgres")

    def wait(self, user, database, port=None):
        for _ in range(200):
            p = self.sql("SELECT 1", user=user, database=database, port=port)
            if p.returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(p.stderr)

    def sql(self, text, user="admin", database="postgres", port=None):
        """Runs SQL; the rows have tabs between their columns."""
        return subprocess.run(
            ["psql", "-X", "-qAt", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             "-h", self.folder, "-p", str(port or self.port), "-U", user,
             database, "-c", text], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def address(self, database, user="admin", port=None):
        """By its socket."""
        return (f"postgresql://{user}@/{database}?host={self.folder}"
                f"&port={port or self.port}")

    def bouncer(self, database):
        """A pool of few connections before it; its address."""
        port = free_port()
        config = self.note("bouncer.ini", f"""[databases]
{database} = host={self.folder} port={self.port} user=admin
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {self.folder}
auth_type = any
pool_mode = transaction
default_pool_size = 3
""")
        self.spawn("pgbouncer", "-q", config)
        self.wait("admin", database, port)
        return self.address(database, port=port)

    def stop(self):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
