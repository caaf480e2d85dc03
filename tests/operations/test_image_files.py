"""Images on disk and the messages that name them: each is there with the other, whatever is killed or fails."""

import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from agents.errors import Refused
from agents.models import Shop
from agents.vocabulary import Role
from config import jobs
from config.watching.tables import Tables
from conversations.models import Message, MissingImage
from conversations.services import files
from conversations.services.files import find_missing_images, forget_images, sweep_files
from conversations.states import ClosedBy, Sender
from core.uploads.files import finish_file, stage_file, staged_path, stored_path
from routing import services
from tests.agents.factories import make_key, make_member, make_shop
from tests.operations.installation import Place
from tests.routing.factories import make_waiting, png

pytestmark = pytest.mark.django_db
LOST = "images/2026/01/01/lost.png"


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def send_image(shop: Shop) -> Message:
    conversation = make_waiting(shop).external_id
    sent = {"sender": Sender.BUYER, "kind": "image", "image": png()}
    return services.post_message(shop=shop, conversation=conversation, **sent)[0]


def on_disk(settings) -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def make_old(path: Path, hours: float) -> None:
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))


def test_an_image_lies_under_the_name_that_its_message_has(shop: Shop, settings) -> None:
    message = send_image(shop)
    assert on_disk(settings) == [message.image.name]


def test_a_refused_message_leaves_no_file(shop: Shop, settings) -> None:
    row = make_waiting(shop)
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.BUYER)
    sent = {"sender": Sender.BUYER, "kind": "image", "image": png()}
    with pytest.raises(Refused):
        services.post_message(shop=shop, conversation=row.external_id, **sent)
    assert on_disk(settings) == []


def test_the_same_message_sent_twice_leaves_one_file(shop: Shop, settings) -> None:
    conversation = make_waiting(shop).external_id
    sent = {"sender": Sender.BUYER, "kind": "image", "image": png(), "message_id": "i1"}
    for _ in range(2):
        services.post_message(shop=shop, conversation=conversation, **sent)
    assert len(on_disk(settings)) == 1


def test_an_error_of_the_database_before_the_row_is_there_leaves_no_file(shop: Shop, settings, monkeypatch) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise DatabaseError("disk full")

    conversation = make_waiting(shop).external_id
    monkeypatch.setattr("conversations.services.messages.insert", fail)
    with pytest.raises(DatabaseError):
        services.post_message(shop=shop, conversation=conversation, sender=Sender.BUYER, kind="image", image=png())
    assert on_disk(settings) == []


def test_a_disk_that_takes_no_image_answers_507_and_keeps_neither_row_nor_file(shop: Shop, settings) -> None:
    Path(settings.MEDIA_ROOT).mkdir(parents=True)
    (Path(settings.MEDIA_ROOT) / "images").write_text("no folder can be made here")
    client = Client(headers={"Authorization": f"Token {make_key(shop)[1]}"})
    base = f"/api/v1/shops/{shop.slug}/conversations/{make_waiting(shop).pk}/messages/"
    answer = client.post(base, {"sender": "buyer", "image": BytesIO(png())})
    assert (answer.status_code, answer.json()["code"]) == (507, "image_not_stored")
    assert not Message.objects.filter(shop=shop).exists()


def test_files_without_a_message_go_after_a_day_and_staged_ones_after_an_hour(shop: Shop, settings) -> None:
    kept = send_image(shop).image.name
    make_old(stored_path(kept), 1000)
    for name, hours in (("old", 25), ("young", 23)):
        finish_file(stage_file(f"images/2026/01/01/{name}.png", b"x").name)
        make_old(stored_path(f"images/2026/01/01/{name}.png"), hours)
    for name, hours in (("old", 1.1), ("young", 0.9)):
        stage_file(f"images/2026/01/02/{name}.png", b"x")
        make_old(staged_path(f"images/2026/01/02/{name}.png"), hours)
    assert jobs.run("conversations.sweep_files") == 2
    assert on_disk(settings) == sorted(["images/2026/01/01/young.png", "images/2026/01/02/.young.png.part", kept])


def test_a_staged_file_that_a_message_names_is_finished_not_deleted(shop: Shop, settings) -> None:
    name = send_image(shop).image.name
    stored_path(name).rename(staged_path(name))
    make_old(staged_path(name), 2)
    assert sweep_files().count == 1
    assert on_disk(settings) == [name]


def test_an_empty_database_says_nothing_about_the_files(settings) -> None:
    finish_file(stage_file(LOST, b"x").name)
    make_old(stored_path(LOST), 1000)
    assert sweep_files().count == 0
    assert on_disk(settings) == [LOST]


def test_the_sweep_goes_on_where_it_stopped_and_keeps_few_names_in_memory(shop: Shop, monkeypatch) -> None:
    send_image(shop)
    for folder in ("01", "02", "03"):
        for number in range(5):
            finish_file(stage_file(f"images/2026/01/{folder}/{number}.png", b"x").name)
            make_old(stored_path(f"images/2026/01/{folder}/{number}.png"), 1000)
    monkeypatch.setattr(files, "PIECE", 2)
    sizes, judge = [], files._judge
    monkeypatch.setattr(files, "_judge", lambda piece: (sizes.append(len(piece)), judge(piece))[1])
    first = sweep_files(patience=-1)
    assert (first.count, first.after) == (5, "images/2026/01/01")
    assert sweep_files(after=first.after).count == 10
    assert max(sizes) == 2


def test_messages_without_their_file_are_counted_listed_and_told(shop: Shop, settings, client: Client) -> None:
    lost, there = send_image(shop), send_image(shop)
    stored_path(lost.image.name).unlink()
    assert jobs.run("conversations.find_missing_images") == 1
    row = MissingImage.objects.get()
    assert (row.message_id, row.shop, row.name) == (lost.pk, shop, lost.image.name)
    figures = {sample.name: sample.value for metric in Tables().collect() for sample in metric.samples}
    assert figures["fenliu_missing_images"] == 1
    client.force_login(make_member(shop, Role.MAIN).account)
    for message, status in ((lost, 404), (there, 200)):
        path = f"/api/v1/shops/{shop.slug}/conversations/{message.conversation_id}/messages/{message.pk}/image/"
        assert client.get(path).status_code == status


def test_an_image_that_came_back_and_a_message_that_has_gone_are_no_longer_listed(shop: Shop) -> None:
    back, gone = send_image(shop), send_image(shop)
    for message in (back, gone):
        stored_path(message.image.name).rename(stored_path(message.image.name + ".away"))
    assert find_missing_images().count == 2
    stored_path(back.image.name + ".away").rename(stored_path(back.image.name))
    Message.objects.filter(pk=gone.pk).delete()
    assert find_missing_images().count == 0
    assert not MissingImage.objects.exists()


@pytest.mark.both
def test_missing_images_are_looked_for_in_pieces(shop: Shop, monkeypatch) -> None:
    messages = [send_image(shop) for _ in range(5)]
    for message in messages:
        stored_path(message.image.name).unlink()
    monkeypatch.setattr(files, "PIECE", 2)
    first = find_missing_images(patience=-1)
    assert first.count == 2 and first.after
    assert find_missing_images(after=first.after).count == 3
    assert MissingImage.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_files_go_after_the_commit_and_stay_after_a_rollback(shop: Shop, settings) -> None:
    message = send_image(shop)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        forget_images([message])
        raise ZeroDivisionError
    assert on_disk(settings) == [message.image.name]
    with transaction.atomic():
        forget_images([message])
        assert on_disk(settings) == [message.image.name]
    assert on_disk(settings) == []


KILLED = """
import os, signal
from tests.agents.factories import make_shop
from tests.operations.test_image_files import send_image
import {module} as module
def kill(*given, **named):
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
original, module.{name} = module.{name}, kill
send_image(make_shop('{slug}'))
"""
LOOK = """
import json
from conversations.models import Message
from conversations.services.files import find_missing_images, sweep_files
swept, missing = sweep_files().count, find_missing_images().count
print(json.dumps([swept, missing, Message.objects.exclude(image="").count()]))
"""
FILLER = "from tests.operations.test_image_files import send_image; from tests.agents.factories import make_shop; "


@pytest.mark.slow
@pytest.mark.operations
def test_a_process_killed_at_any_point_leaves_neither_a_file_nor_a_message_alone(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/killed.sqlite3", tmp_path)
    place.run("manage.py", "migrate", "-v0")
    place.run("manage.py", "shell", "-v0", "-c", f"{FILLER}send_image(make_shop('first'))")
    media, kept = tmp_path / "media", 1
    killings = (
        ("routing.services.conversations", "add_message", "pass", False),
        ("routing.services.conversations", "add_message", "original(*given, **named)", False),
        ("core.uploads.files", "finish_file", "pass", True),
    )
    for number, (module, name, before, accepted) in enumerate(killings):
        code = KILLED.format(module=module, name=name, before=before, slug=f"killed-{number}")
        place.run("manage.py", "shell", "-v0", "-c", code, code=-9)
        (left,) = media.rglob("*.part")
        make_old(left, 2)
        told = json.loads(place.run("manage.py", "shell", "-v0", "-c", LOOK).splitlines()[-1])
        kept += accepted
        assert told == [1, 0, kept], (name, before)
        assert not list(media.rglob("*.part")) and len(list(media.rglob("*.png"))) == kept
