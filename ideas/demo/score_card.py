"""Invented figures for the demo's home page, each marked as invented."""

from datetime import date

from ideas.models import Campaign, ScoreFigure

INVENTED = {"source": "虚构演示数据", "source_en": "invented data of the demo"}
FIGURES = (
    (
        "优秀金点子落地",
        "Golden ideas carried out",
        "26",
        "条",
        "of 30",
        "其余4条已列入计划",
        "the other four are planned",
    ),
    ("新装和修复路灯", "Street lamps mended or new", "412", "盏", "", "比上年多183盏", "183 more than the year before"),
    ("上下学路口事故", "Accidents near schools", "−37", "%", "%", "与活动前一年相比", "against the year before"),
    (
        "居民安全感",
        "Residents who feel safe",
        "98.6",
        "%",
        "%",
        "比上年高1.2个百分点",
        "1.2 points above the year before",
    ),
)


def make_score_card(campaign: Campaign) -> None:
    ScoreFigure.objects.bulk_create(
        ScoreFigure(
            campaign=campaign,
            on=date(2023, 12, 31),
            position=position,
            name=name,
            name_en=english,
            value=value,
            unit=unit,
            unit_en=unit_en,
            comparison=comparison,
            comparison_en=comparison_en,
            **INVENTED,
        )
        for position, (name, english, value, unit, unit_en, comparison, comparison_en) in enumerate(FIGURES, start=1)
    )
