"""The demo's ideas, written for it: one TOML file per topic; and as many invented ones more as a test of size needs."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Text:
    """One idea as its resident typed it, and what the office made of it.

    `outcome` is a status; `reason`, `declined_as`, `channel`, `into` (key of the leading idea) belong to some outcomes.
    A variation has no key. `quality` (1–10) is how good the idea is, which no panellist sees exactly. `photo` is a
    scene of demo/pictures.py that came with it; `restricted` is why few may read it.
    """

    key: str
    topic: str
    title: str
    area: str
    place: str
    problem: str
    proposal: str
    quality: int
    outcome: str
    reason: str = ""
    declined_as: str = ""
    channel: str = ""
    into: str = ""
    published: str = ""
    photo: str = ""
    restricted: str = ""


def texts_of(campaign: str) -> list[Text]:
    """All written ideas of a demo campaign ("safer" or "liveable"), topic by topic."""
    found: list[Text] = []
    for path in sorted((HERE / campaign).glob("*.toml")):
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["idea"]
        found += [Text(topic=path.stem.replace("_", "-"), **row) for row in rows]
    return found


def areas() -> list[dict[str, str]]:
    """The 69 communities and villages of Jimei: code, name, street (codes of the National Bureau of Statistics)."""
    with (HERE / "areas.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_order_of_receipt(texts: list[Text], dice: Random) -> list[Text]:
    """Topics mixed as residents would send them; a merged idea still comes after the one that leads it."""
    place = {text.key: dice.random() for text in texts}
    for text in texts:
        if text.into:
            place[text.key] = max(place[text.key], place[text.into]) + 1e-6
    return sorted(texts, key=lambda text: place[text.key])


def many(campaign: str, count: int, dice: Random) -> Iterator[Text]:
    """`count` ideas: the written ones, then variations of them somewhere else, each text different."""
    written = in_order_of_receipt(texts_of(campaign), dice)
    yield from written[:count]
    places = areas()
    for number in range(len(written), count):
        base, area = dice.choice(written), dice.choice(places)
        # A variation leads no merger: what it would be merged into is somewhere else.
        outcome = "declined" if base.outcome == "merged" else base.outcome
        yield replace(
            base,
            key="",
            title=f"{area['name']}：{base.title}"[:60],
            area=area["code"],
            place=f"{number}号灯杆旁",
            problem=f"地点是{area['street']}{area['name']}{number}号灯杆旁。{base.problem}",
            outcome=outcome,
            reason=base.reason or ("同类问题已有建议并正在处理。" if outcome == "declined" else ""),
            declined_as=base.declined_as or ("already_handled" if outcome == "declined" else ""),
            into="",
            photo="",
            restricted="",
            quality=max(1, min(10, base.quality + dice.choice((-1, 0, 1)))),
        )
