"""Every connection keeps all options of DATABASE_URL: tried against a server with TLS and one without."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.backup import postgresql as backup_environment
from tests.live.processes import Installation
from tests.operations.behind_nginx import make_certificate
from tests.servers import PostgreSQL, folder_for, postgresql_server

pytestmark = [pytest.mark.operations, pytest.mark.slow]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def with_tls() -> Iterator[tuple[PostgreSQL, Path]]:
    """A server that speaks TLS with a certificate of its own, and that certificate."""
    user = "postgres" if os.geteuid() == 0 else None
    with folder_for(user) as folder:
        make_certificate(folder, "localhost")
        for name in ("fullchain.pem", "privkey.pem"):
            (folder / name).chmod(0o600)
            if user:
                subprocess.run(["chown", user, str(folder / name)], check=True)
        options = ("ssl=on", f"ssl_cert_file={folder / 'fullchain.pem'}", f"ssl_key_file={folder / 'privkey.pem'}")
        try:
            with postgresql_server(*options) as server:
                yield server, folder / "fullchain.pem"
        except FileNotFoundError as missing:
            assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
            pytest.skip(str(missing))


def test_the_web_server_its_listener_and_the_backup_verify_the_server(
    with_tls: tuple[PostgreSQL, Path], tmp_path: Path
) -> None:
    server, certificate = with_tls
    address = server.url.replace("127.0.0.1", "localhost")
    url = f"{address}?sslmode=verify-full&sslrootcert={certificate}&application_name=tried"
    installation = Installation(url, tmp_path)
    installation.start("web")
    try:
        with psycopg.connect(server.url) as watching:
            rows = watching.execute(
                "SELECT ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name = 'tried'"
            ).fetchall()
        assert len(rows) >= 2 and all(encrypted for (encrypted,) in rows)
        backup = [sys.executable, "deploy/backup.py", str(tmp_path / "backups")]
        subprocess.run(backup, cwd=ROOT, env=installation.environment, check=True, stdout=subprocess.DEVNULL)
    finally:
        installation.stop()


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_server_without_tls_is_refused_by_every_connection(mode: str, tmp_path: Path) -> None:
    try:
        with postgresql_server() as server:
            url = f"{server.url}?sslmode={mode}"
            program = (
                "from core.db.direct import direct_parameters as parameters\n"
                "import psycopg\n"
                "from django.db import connection\n"
                "for connect in (connection.ensure_connection, lambda: psycopg.connect(**parameters())):\n"
                "    try: connect()\n"
                "    except Exception as error: print('refused' if 'SSL' in str(error) else error)\n"
                "    else: print('connected')\n"
            )
            done = subprocess.run(
                [sys.executable, "manage.py", "shell", "-v0", "-c", program],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url, "FENLIU_VAR": str(tmp_path)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            assert done.stdout.split() == ["refused", "refused"]
            backup = subprocess.run(
                [sys.executable, "deploy/backup.py", str(tmp_path / "backups")],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url, "FENLIU_VAR": str(tmp_path)},
                capture_output=True,
                check=False,
            )
            assert backup.returncode == 1 and not list((tmp_path / "backups").glob("fenliu-*"))
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


def test_an_option_that_pg_dump_cannot_be_given_is_refused_and_not_left_out() -> None:
    given = backup_environment("postgres://u:p@h:5433/n?sslmode=verify-full&connect_timeout=3")
    assert (given["PGSSLMODE"], given["PGCONNECT_TIMEOUT"], given["PGPORT"]) == ("verify-full", "3", "5433")
    with pytest.raises(SystemExit, match="replication"):
        backup_environment("postgres://u@h/n?replication=database")
