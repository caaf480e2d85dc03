"""The installation of docs/operations.md: uvicorn with two workers behind nginx with TLS, production's settings."""

import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.request import urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.operations.installation import ROOT, Place
from tests.servers import free_port

HOST = "fenliu.example.com"
TOKEN = "metrics-token"
STREAMS = 12
"""By address, through this nginx; the shipped file has room for a company."""
UNTRUSTED = ssl._create_unverified_context()


class Installation:
    """`prefix`: the path under which it stands on its host, changed in nginx's file as docs/operations.md says."""

    def __init__(self, place: Place, folder: Path, prefix: str = "") -> None:
        self.place, self.folder, self.prefix = place, folder, prefix
        self.web_port, self.plain_port, self.tls_port = free_port(), free_port(), free_port()
        place.extra |= {
            "SECRET_KEY": token_urlsafe(50),
            "ALLOWED_HOSTS": HOST,
            "HTTPS": "1",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "METRICS_TOKEN": TOKEN,
            "DATABASE_POOL": "4",
            "FENLIU_PREFIX": prefix,
        }
        place.run("manage.py", "collectstatic", "--noinput", "--verbosity=0")
        self.log = (folder / "web.log").open("wb")
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host=127.0.0.1", "--workers=2"]
        command += [f"--port={self.web_port}", "--timeout-graceful-shutdown=1", "--no-access-log", "--no-proxy-headers"]
        environment = place.environment
        self.web = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=self.log, start_new_session=True)
        self.nginx = subprocess.Popen(
            [nginx_program(), "-c", self._write_nginx(), "-p", folder, "-g", "daemon off;"], stderr=self.log
        )
        self._wait()

    def _write_nginx(self) -> Path:
        """deploy/nginx/fenliu.conf with this machine's ports, folders and certificate."""
        make_certificate(self.folder)
        text = (ROOT / "deploy/nginx/fenliu.conf").read_text()
        if self.prefix:
            text = with_prefix(text, self.prefix)
        for theirs, ours in (
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("listen [::]:80;", ""),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.tls_port} ssl"),
            ("listen [::]:443 ssl http2;", ""),
            ("127.0.0.1:8000", f"127.0.0.1:{self.web_port}"),
            ("/etc/ssl/fenliu/", f"{self.folder}/"),
            ("/var/lib/fenliu/static/", f"{self.place.var}/static/"),
            ("/var/log/nginx/fenliu.log", f"{self.folder}/access.log"),
            ("limit_conn fenliu_streams 600;", f"limit_conn fenliu_streams {STREAMS};"),
        ):
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
        (self.folder / "fenliu.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        types = "include /etc/nginx/mime.types;" if Path("/etc/nginx/mime.types").exists() else ""
        names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{name}_temp_path {self.folder}/{name};" for name in names)
        main = (ROOT / "deploy/nginx/nginx.conf").read_text()
        for theirs, ours in (
            ("user www-data;", user),
            ("/run/nginx.pid", f"{self.folder}/nginx.pid"),
            ("/var/log/nginx/error.log", f"{self.folder}/error.log"),
            ("include /etc/nginx/mime.types;", f"{types} {temporary} access_log off;"),
            ("/etc/nginx/conf.d/*.conf", f"{self.folder}/fenliu.conf"),
        ):
            assert theirs in main, theirs
            main = main.replace(theirs, ours)
        made = self.folder / "nginx.conf"
        made.write_text(main)
        subprocess.run([nginx_program(), "-t", "-q", "-c", made, "-p", self.folder], check=True)
        return made

    def _wait(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self.web_port}/readyz", timeout=5):
                return
            assert self.web.poll() is None, (self.folder / "web.log").read_text()
            time.sleep(0.1)
        raise TimeoutError("the web server does not answer")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Through nginx, over TLS."""
        connection = self.connect()
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        connection.request(method, path, data, {"Host": HOST, "Content-Type": "application/json", **headers})
        response = connection.getresponse()
        found = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        connection.close()
        return found

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.tls_port, timeout=20, context=UNTRUSTED)

    def figures(self) -> dict[str, float]:
        """As Prometheus asks for them: of the web server itself, by its address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=20)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        response = connection.getresponse()
        assert response.status == 200
        lines = [line for line in response.read().decode().splitlines() if not line.startswith("#")]
        connection.close()
        return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}

    def workers(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.web.pid)], capture_output=True, text=True, check=False
        )
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if "multiprocessing.spawn" in line]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(x) for x in (self.folder / "web.log").read_text().splitlines() if x.startswith("{")]

    def stop(self) -> None:
        self.nginx.terminate()
        self.nginx.wait(20)
        self.web.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.web.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(self.web.pid, signal.SIGKILL)
        self.log.close()


def with_prefix(text: str, prefix: str) -> str:
    """The manual's own command, run on nginx's file."""
    manual = (ROOT / "docs/operations.md").read_text()
    (program,) = re.findall(r"sed -E '([^']+)' deploy/nginx/fenliu.conf", manual)
    command = ["sed", "-E", program.replace("/kefu", prefix)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def nginx_program() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def make_certificate(folder: Path, host: str = HOST) -> None:
    """fullchain.pem and privkey.pem in `folder`: a certificate for `host` that has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "fullchain.pem").write_bytes(pem)
    how = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*how))
