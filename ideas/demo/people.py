"""Invented people. Given names are solar terms, so that no real person is meant; numbers begin with 120, which no
operator uses, and mail goes to example.com."""

import secrets
from random import Random
from typing import Any

from django.contrib.auth.models import Group

from ideas.choices import Naming, Role
from ideas.models import Unit, User

SURNAMES = "陈林黄张吴李王郑蔡刘许叶洪苏谢邱仉"
TERMS = [
    "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种",
    "夏至", "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降",
    "立冬", "小雪", "大雪", "冬至", "小寒", "大寒", "䶮雪", "㛃露",
]  # fmt: skip
NET_NAMES = [
    f"{where}{who}"
    for where in ("学村", "龙舟池", "杏林湾", "园博苑", "灌口", "后溪", "大社", "侨英", "鳌园", "天马山下")
    for who in ("老街坊", "小骑手", "夜跑者", "榕树下", "看海人", "接娃妈妈", "老木匠", "一粒沙")
]
# (key in the demo's files, name, English name); the last is written to by letter
UNITS = [
    ("traffic", "交通管理单位（演示）", "Traffic unit (demo)"),
    ("city", "城市管理单位（演示）", "City management unit (demo)"),
    ("schools", "教育管理单位（演示）", "Schools unit (demo)"),
    ("order", "治安管理单位（演示）", "Public order unit (demo)"),
    ("fire", "消防救援单位（演示）", "Fire and rescue unit (demo)"),
    ("works", "建设与市政单位（演示）", "Roads and public works unit (demo)"),
    ("water", "水务排涝单位（演示）", "Water and drainage unit (demo)"),
    ("fraud", "反诈工作单位（演示）", "Fraud prevention unit (demo)"),
    ("welfare", "民政与社区服务单位（演示）", "Community services unit (demo)"),
    ("wardens", "综治网格单位（演示）", "Neighbourhood wardens unit (demo)"),
    ("culture", "宣传文化单位（演示）", "Publicity and culture unit (demo)"),
    ("green", "园林绿化单位（演示）", "Parks and gardens unit (demo)"),
    ("power", "市供电单位（演示）", "City power supply (demo)"),
]
BY_LETTER = {"power"}
PANEL_SIZE = 12
OTHERS = range(2, len(UNITS) - len(BY_LETTER) + 1)  # units whose people are named by a number; the first has no number

# user name -> (full name, role, works in the admin)
STAFF: dict[str, tuple[str, Role | None, bool]] = {
    "admin": ("系统管理员", None, True),
    "manager1": ("周立春（演示）", Role.MANAGER, True),
    "manager2": ("郑白露（演示）", Role.MANAGER, True),
    "moderator": ("苏小满（演示）", Role.MODERATOR, True),
    "keeper": ("叶惊蛰（演示）", Role.KEEPER, True),
    "clerk": ("许谷雨（演示）", Role.CLERK, False),
    "officer": ("洪寒露（演示）", Role.OFFICER, False),
    "head": ("林芒种（演示）", Role.HEAD, False),
    **{f"officer{number:02d}": (f"承办人{number:02d}（演示）", Role.OFFICER, False) for number in OTHERS},
    **{f"head{number:02d}": (f"分管领导{number:02d}（演示）", Role.HEAD, False) for number in OTHERS},
    "auditor": ("谢秋分（演示）", Role.AUDITOR, True),
    **{
        f"panel{number:02d}": (f"评委{number:02d}（演示）", Role.PANELLIST, False)
        for number in range(1, PANEL_SIZE + 1)
    },
}


def invent_resident(number: int, dice: Random) -> dict[str, Any]:
    """The personal answers of an invented resident, as the form would give them."""
    naming = dice.choices([Naming.REAL, Naming.NET_NAME, Naming.ANONYMOUS], weights=[35, 40, 25])[0]
    has_phone = dice.random() < 0.75
    return {
        "name": dice.choice(SURNAMES) + dice.choice(TERMS) if naming == Naming.REAL or dice.random() < 0.5 else "",
        "phone": f"+86120{number % 100_000_000:08d}" if has_phone else "",
        "email": f"resident{number}@example.com" if not has_phone or dice.random() < 0.3 else "",
        "naming": naming.value,
        "net_name": dice.choice(NET_NAMES) if naming == Naming.NET_NAME else "",
        "publish_consent": naming != Naming.ANONYMOUS and dice.random() < 0.9,
        "language": "en" if dice.random() < 0.03 else "zh-hans",
    }


def make_staff() -> dict[str, str]:
    """Create the demo's units and users that are missing; returns {user name: fresh password} of those created."""
    units = [_unit(*row) for row in UNITS]
    made = {}
    for username, (name, role, in_admin) in STAFF.items():
        if User.objects.filter(username=username).exists():
            continue
        made[username] = secrets.token_urlsafe(9)
        user = User(username=username, name=name, is_staff=in_admin, is_superuser=role is None)
        user.unit = units[_number_of(username) - 1] if role in (Role.OFFICER, Role.HEAD) else None
        user.set_password(made[username])
        user.save()
        if role:
            user.groups.add(Group.objects.get(name=role.value))
    return made


def _unit(key: str, name: str, english: str) -> Unit:
    given = {"name_en": english, "by_letter": key in BY_LETTER}
    return Unit.objects.get_or_create(name=name, defaults=given)[0]


def _number_of(username: str) -> int:
    return int(username.lstrip("abcdefghijklmnopqrstuvwxyz") or 1)
