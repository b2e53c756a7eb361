"""The demo's word lists: a few mild words, so that advice can be seen at work."""

from ideas.choices import WordCategory
from ideas.models import WordList

LISTS = {
    "广告推销": (WordCategory.ADVERTISING, "加微信 限时秒杀 扫码领红包 代办贷款 低价转让 免费加盟 全网最低价"),
    "不文明用语": (WordCategory.INSULT, "混蛋 王八蛋 不要脸 缺德 饭桶"),
    "涉及线索": (WordCategory.TIP, "保护伞 高利贷 收保护费 强买强卖 收受红包 聚众赌博"),
    "内部信息": (WordCategory.SECRET, "内部文件 涉密文件 机密 内部通讯录"),
}


def make_word_lists() -> None:
    """Those that are missing; what the office changed stays."""
    for name, (category, words) in LISTS.items():
        WordList.objects.get_or_create(name=name, defaults={"category": category, "words": "\n".join(words.split())})
