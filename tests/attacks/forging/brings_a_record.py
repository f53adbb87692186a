"""The submission brings a record of grading, and a graded notebook, beside its own."""

import json

from tests.attacks.arena import Attack, Place


def after(folder):
    (folder / "clip_gradients.json").write_text(json.dumps({"graded": True, "points": 15}))
    records = folder / "records" / "01_rnn"
    records.mkdir(parents=True)
    (records / "forging-brings_a_record.json").write_text(json.dumps({"graded": True, "points": 15}))


def control(place: Place):
    folder = place.course / "submitted" / "forging-brings_a_record" / "01_rnn"
    records = [json.loads(path.read_text()) for path in folder.rglob("*.json")]
    assert all(record["points"] == 15 for record in records)


ATTACK = Attack(control, after=after)
