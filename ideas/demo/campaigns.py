"""The two demo campaigns: one of 2022 with its thirty winners, modelled on Jimei's, and one that is open today."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ideas.demo.texts import areas
from ideas.models import Area, Campaign, CampaignPapers, Criterion, Topic
from ideas.services.campaigns import vouch_campaign

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Of topics that are not called as their drawing.
MARKS = {"fraud": "net", "around-schools": "school", "old-estates": "home", "barrier-free": "access"}
TOPICS: dict[str, list[tuple[str, str, str, str, str]]] = {
    "safer": [
        (
            "road",
            "道路交通安全",
            "Road safety",
            "路口、人行道、非机动车、公交站、停车",
            "crossings, pavements, bicycles, bus stops, parking",
        ),
        (
            "order",
            "社会治安",
            "Public order",
            "防盗、出租屋、巡逻、夜市秩序",
            "theft, rented rooms, patrols, night markets",
        ),
        (
            "night",
            "夜间安全",
            "Safety at night",
            "路灯、地下通道、公园、末班车",
            "street lamps, underpasses, parks, last buses",
        ),
        (
            "school",
            "儿童上下学安全",
            "Children on their way to school",
            "校门口、斑马线、独自上下学",
            "school gates, crossings, walking alone",
        ),
        (
            "fraud",
            "网络反诈",
            "Online fraud",
            "电信诈骗、刷单、老人防骗",
            "telephone fraud, fake jobs, elderly victims",
        ),
        (
            "gangs",
            "扫黑除恶",
            "Organised crime",
            "举报渠道、强买强卖、非法放贷",
            "ways to report, forced trade, loan sharks",
        ),
        (
            "publicity",
            "平安宣传",
            "Telling people",
            "广播、方言、微信群、进校园",
            "broadcasts, dialect, chat groups, schools",
        ),
        (
            "fire",
            "消防与应急",
            "Fire and emergencies",
            "电动车充电、消防通道、台风内涝",
            "charging e-bikes, escape routes, typhoons",
        ),
        (
            "neighbours",
            "邻里调解与群防群治",
            "Neighbours and volunteers",
            "调解、网格、志愿队",
            "mediation, wardens, volunteers",
        ),
    ],
    "liveable": [
        ("parking", "停车", "Parking", "错时共享、非机动车、违停", "shared spaces, bicycles, wrong parking"),
        ("around-schools", "学校周边", "Around schools", "接送、人行道、摊点", "fetching children, pavements, stalls"),
        ("green", "绿化与环境", "Green and clean", "树荫、垃圾、水边", "shade, rubbish, waterside"),
        (
            "old-estates",
            "老旧小区与公共空间",
            "Old estates and public space",
            "电梯、晾晒、活动场地",
            "lifts, drying, places to meet",
        ),
        (
            "barrier-free",
            "无障碍与适老",
            "Barrier-free and age-friendly",
            "坡道、盲道、座椅",
            "ramps, tactile paving, benches",
        ),
    ],
}

CRITERIA: list[dict[str, Any]] = [
    {
        "name": "可行性", "name_en": "Feasibility", "weight": 35,
        "hint": "现有条件下办得成吗？", "hint_en": "Can it be done with what there is?",
        "low": "很难实施", "low_en": "hardly", "middle": "创造条件可实施", "middle_en": "with some effort",
        "high": "可立即实施", "high_en": "at once",
    },
    {
        "name": "社会效益", "name_en": "Public benefit", "weight": 30,
        "hint": "受益的人多不多，解决的问题急不急？", "hint_en": "How many gain, and how urgent is it?",
        "low": "受益面小", "low_en": "few gain", "middle": "一部分人受益", "middle_en": "some gain",
        "high": "受益面广、问题急", "high_en": "many gain, urgent",
    },
    {
        "name": "可推广性", "name_en": "Can be repeated", "weight": 20,
        "hint": "别的社区也用得上吗？", "hint_en": "Would it serve other places too?",
        "low": "仅限一处", "low_en": "one place only", "middle": "几处可用", "middle_en": "a few places",
        "high": "全区可推广", "high_en": "the whole district",
    },
    {
        "name": "创新性", "name_en": "Novelty", "weight": 15,
        "hint": "有没有新办法？", "hint_en": "Is there something new in it?",
        "low": "常规做法", "low_en": "usual", "middle": "有改进", "middle_en": "an improvement",
        "high": "做法新", "high_en": "a new way",
    },
]  # fmt: skip

DROP_OFF = {
    "drop_off": "各社区服务中心，或演示路1号便民服务大厅3号窗口（工作日9:00—17:00）",
    "drop_off_en": "Any community service centre, or counter 3 of the public service hall, 1 Demo Road (working days 9–17)",
}

WORDS: dict[str, Any] = {
    "who": "凡在集美区工作、学习、生活和关心集美的人都可参加，不限户籍。未满14周岁的，请由监护人代为提交。",
    "who_en": "Everybody who lives, works or studies in Jimei or cares for it; no local household registration is needed. "
    "For children under 14 a parent or guardian sends the idea.",
    "how": "在本网站填写提交，无需注册。提交后会得到建议编号和查询码，凭两者可随时查询进度。\n"
    "不便上网的，可拨打页面下方电话，由工作人员代为填写。",
    "how_en": "Send your idea on this website; no account is needed. You get a receipt number and a query code, with which "
    "you can follow it at any time.\nIf you cannot use the internet, call the number below and staff will write it down.",
    "method": "一、审核：由审核员逐条审核，无效的说明理由，重复的合并，以最先提交者为领衔建议人。\n"
    "二、评审：每条有效建议由多名评委按下列标准独立打分（1—10分），评委看不到建议人信息；各项按权重加权，统一各评委宽严尺度后取校准均分。\n"
    "三、同分处理：先比算术平均分，再比评分份数多者，再比收到时间先者。\n"
    "四、名单由两人先后签字锁定后公布。名单如有调整，须写明理由并留存。",
    "method_en": "1. Screening: moderators read every idea; what is not valid is declined with a reason, what is said twice is "
    "merged and the first submitter leads.\n2. Rating: several panellists rate each valid idea from 1 to 10 by the criteria "
    "below without knowing who sent it; the points are weighted and put on one scale: the calibrated mean.\n3. Ties: the higher plain mean, then "
    "more reviews, then the earlier receipt.\n4. The list is sealed by two people before it is published. An exchange needs a "
    "written reason, which is kept.",
    "originality": "建议须为本人原创，一事一议；抄袭他人的取消资格。提交即同意主办单位为改进工作使用、编辑和公布建议内容，著作权归建议人。",
    "originality_en": "Ideas must be the sender's own, one matter each; copied ones are struck out. By sending it you allow the "
    "organiser to use, edit and publish the idea in order to improve its work; the copyright stays with you.",
    "privacy": "只收集联系所必需的信息，加密保存，不对外公布；公布姓名或网名须另行单独同意。评审期间评委看不到建议人信息。建议人信息最迟在结果公布一年后删除。",
    "privacy_en": "We ask only what is needed to reach you, keep it encrypted and never publish it; a name or net name is "
    "published only with a separate consent. Panellists do not see who sent an idea. Your data are deleted one year after the "
    "release at the latest.",
}  # fmt: skip


def _moment(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def _safer() -> dict[str, Any]:
    return {
        "prefix": "JM",
        "title": "我有金点子·集美更平安",
        "title_en": "My golden idea for a safer Jimei",
        "organiser": "集美区平安建设办公室（演示）",
        "organiser_en": "Jimei District Safety Office (demo)",
        "summary": "围绕九个平安话题，向居民征集看得见、做得到的金点子，评出三十条优秀金点子并逐条办理。",
        "summary_en": "Residents' ideas on nine topics of everyday safety: visible, doable. Thirty are chosen and carried out.",
        "announced_at": _moment(2022, 10, 10, 9),
        "opens_at": _moment(2022, 10, 17),
        "closes_at": _moment(2022, 11, 16),
        "rating_from": _moment(2022, 11, 18),
        "rating_until": _moment(2022, 11, 29),
        "results_on": _moment(2022, 12, 10).date(),
        "places": 30,
        "reviews_per_idea": 3,
        "content": "围绕以下九个方面，说清一个具体问题、提出一条具体办法。每条建议说一件事，问题和办法各写五十到三百字为宜。",
        "content_en": "One concrete problem and one concrete remedy on any of these nine topics. One matter per idea; 50 to 300 "
        "characters each for the problem and the remedy are usually enough.",
        "awards": "评出优秀金点子30条，颁发荣誉证书；按本人意愿以实名、网名或不署名方式公布。",
        "awards_en": "Thirty golden ideas receive a certificate; their proposers are named as they wish: by real name, by net name "
        "or not at all.",
        "results_use": "边征集边分办：有效建议随时转交责任单位办理；优秀金点子逐条明确牵头单位，办理情况向社会公布。",
        "results_use_en": "Valid ideas are passed to the responsible unit while collecting goes on; each golden idea gets a leading "
        "unit, and what was done about it is published.",
    }  # fmt: skip


def _liveable(at: datetime) -> dict[str, Any]:
    today = datetime.combine(at.astimezone(SHANGHAI).date(), time(0), tzinfo=SHANGHAI)
    return {
        "prefix": "YJ",
        "title": "我有金点子·集美更宜居",
        "title_en": "My golden idea for a more liveable Jimei",
        "organiser": "集美区平安建设办公室（演示）",
        "organiser_en": "Jimei District Safety Office (demo)",
        "summary": "停车、校边、绿化、老小区、无障碍：身边哪一处可以更好住？说一说，我们来办。",
        "summary_en": "Parking, schools, green, old estates, ramps: what near you could be better to live with? Tell us.",
        "announced_at": today - timedelta(days=20),
        "opens_at": today - timedelta(days=14),
        "closes_at": today + timedelta(days=21),
        "rating_from": today - timedelta(days=7),
        "rating_until": today + timedelta(days=35),
        "results_on": (today + timedelta(days=50)).date(),
        "places": 5,
        "answer_days": 5,
        "show_ideas": True,
        "reviews_per_idea": 3,
        "rounds": 2,
        "comment_below": 4,
        "content": "围绕以下五个方面，说清一个具体地点的具体问题，提出一条具体办法。",
        "content_en": "One concrete problem at one concrete place, and one concrete remedy, on any of these five topics.",
        "awards": "评出优秀金点子5条，颁发荣誉证书。",
        "awards_en": "Five golden ideas receive a certificate.",
        "results_use": "有效建议转交责任单位研究办理，优秀金点子的办理情况向社会公布。",
        "results_use_en": "Valid ideas are passed to the responsible units; what is done about the golden ideas is published.",
    }  # fmt: skip


def make_campaign(kind: str, *, slug: str, at: datetime, **overrides: Any) -> Campaign:
    """A demo campaign ("safer" or "liveable") with its topics and criteria, and the district's communities."""
    Area.objects.bulk_create([Area(**row) for row in areas()], ignore_conflicts=True)
    fields = _safer() if kind == "safer" else _liveable(at)
    campaign = Campaign.objects.create(slug=slug, **{**WORDS, **fields, **overrides})
    Topic.objects.bulk_create(
        Topic(
            campaign=campaign,
            slug=slug,
            name=name,
            name_en=english,
            hint=hint,
            hint_en=hint_en,
            position=position,
            mark=MARKS.get(slug, slug),
        )
        for position, (slug, name, english, hint, hint_en) in enumerate(TOPICS[kind], start=1)
    )
    Criterion.objects.bulk_create(
        Criterion(campaign=campaign, position=position, **row) for position, row in enumerate(CRITERIA, start=1)
    )
    CampaignPapers.objects.create(campaign=campaign, **DROP_OFF)
    vouch_campaign(campaign=campaign)
    return campaign
