"""deploy/: settings and example know the same names; units and compose file are right as far as can be told here."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import pytest
import yaml
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config.runner import install
from config.watching.logs import logging_settings

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
INSIDE = {"FENLIU_WEB"}
"""Set by the product itself."""
ELSEWHERE = {"PROMETHEUS_MULTIPROC_DIR"}
"""Read by a library."""


def read_by_settings() -> set[str]:
    found = set()
    text = "\n".join((ROOT / "config" / name).read_text() for name in ("settings.py", "sign_on.py"))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] == "env" and node.args:
            found.add(ast.literal_eval(node.args[0]))
    return found - INSIDE


def example() -> dict[str, str]:
    lines = (DEPLOY / "fenliu.env.example").read_text().splitlines()
    found = [re.fullmatch(r"#?([A-Z][A-Z_]+)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def test_the_example_names_every_setting_and_no_other() -> None:
    names = read_by_settings()
    assert len(names) > 25
    assert set(example()) - ELSEWHERE == names


def test_every_setting_of_the_example_is_explained() -> None:
    explained = False
    for line in (DEPLOY / "fenliu.env.example").read_text().splitlines():
        setting = re.match(r"#?[A-Z][A-Z_]+=", line)
        assert not setting or explained, f"{line}: nothing above says what it is"
        explained = bool(line) and (line.startswith("# ") or (explained and bool(setting)))


def production(folder: Path) -> dict[str, str]:
    """The example, filled in, as an environment; a database of this machine's own."""
    given = {name: value for name, value in example().items() if value}
    return {
        "PATH": os.environ["PATH"],
        **given,
        "SECRET_KEY": token_urlsafe(50),
        "FENLIU_SECRETS_KEY": Fernet.generate_key().decode(),
        "FENLIU_VAR": str(folder),
        "FENLIU_BACKUP_STAMP": str(folder / "stamp"),
        "DATABASE_URL": f"sqlite:///{folder / 'x.sqlite3'}",
    }


def test_check_deploy_finds_nothing_in_production_s_settings(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=production(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEEP_CONVERSATIONS_DAYS", 59, "59 is less than 60"),
        ("KEEP_EVENTS_DAYS", 0, "0 is less than 1"),
        ("KEEP_AUDIT_DAYS", -1, "-1 is less than 0"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_one_clear_error(settings, name: str, value: object, said: str) -> None:
    setattr(settings, name, value)
    with pytest.raises(SystemCheckError, match=said):
        call_command("check")


def test_a_runner_that_is_none_is_one_clear_error(settings) -> None:
    settings.TASK_RUNNER = "cron"
    with pytest.raises(ImproperlyConfigured, match='TASK_RUNNER: "cron" is neither celery nor django_q'):
        install()


def test_a_log_format_that_is_none_is_one_clear_error() -> None:
    with pytest.raises(ImproperlyConfigured, match='LOG_FORMAT: "xml"'):
        logging_settings("xml", "INFO")


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(path)
    return unit


SERVICES = [path for path in UNITS if path.suffix == ".service"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_runs_what_there_is_as_nobody_special_and_shut_in(path: Path) -> None:
    service = read_unit(path)["Service"]
    program = service["ExecStart"].split()
    assert program[0].startswith("/opt/fenliu/.venv/bin/")
    assert (ROOT / ".venv/bin" / Path(program[0]).name).exists()
    for argument in program[1:]:
        if argument.endswith(".py"):
            assert (ROOT / argument).exists()
        if argument in ("worker", "beat"):
            assert (ROOT / f"config/management/commands/{argument}.py").exists()
    assert service["User"] == "fenliu" and service["EnvironmentFile"] == "/etc/fenliu/fenliu.env"
    wanted = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "CapabilityBoundingSet": ""}
    assert wanted.items() <= dict(service).items()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_units_and_finds_them_well_shut_in(tmp_path: Path) -> None:
    """The programs' paths are this machine's: systemd looks whether they are there."""
    for path in UNITS:
        text = path.read_text().replace("/opt/fenliu", str(ROOT)).replace("User=fenliu", "User=www-data")
        (tmp_path / path.name).write_text(text.replace("Group=fenliu", "Group=www-data"))
    names = [str(tmp_path / path.name.replace("@.", "@1.")) for path in UNITS]
    (tmp_path / "fenliu-worker@1.service").write_text((tmp_path / "fenliu-worker@.service").read_text())
    verify = ["systemd-analyze", "verify", "--man=no", *names]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "fenliu" in line]
    assert done.returncode == 0 and not ours, done.stderr
    for path in SERVICES:
        security = ["systemd-analyze", "security", "--offline=yes", "--threshold=30", tmp_path / path.name]
        done = subprocess.run(security, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-300:]


def test_the_compose_file_names_settings_commands_and_files_that_are_there() -> None:
    compose = yaml.safe_load((DEPLOY / "docker/compose.yml").read_text())
    assert {"postgresql", "redis", "prepare", "web", "worker", "beat", "nginx"} == set(compose["services"])
    known = read_by_settings()
    for name in ("prepare", "web", "worker", "beat"):
        service = compose["services"][name]
        assert set(service["environment"]) <= known, name
        assert set(service["depends_on"]) <= set(compose["services"])
        for word in " ".join(service.get("command", ["manage.py", "check"])).split():
            assert not word.endswith(".py") or (ROOT / word).exists()
    mounted = [volume.split(":")[0] for volume in compose["services"]["nginx"]["volumes"]]
    assert (DEPLOY / "docker" / mounted[0]).resolve() == DEPLOY / "nginx/fenliu.conf"
    used = {v.split(":")[0] for s in compose["services"].values() for v in s["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(compose["volumes"])


def test_the_image_gets_every_part_of_the_product_and_no_tests() -> None:
    lines = (DEPLOY / "docker/Dockerfile").read_text().splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages | {"templates", "static", "locale", "manage.py", "requirements.txt"} <= copied
    assert "tests" not in copied
