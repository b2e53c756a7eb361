"""The index by which ideas alike are found inside the database, and what moderators said of pairs.

The terms (pairs of characters, rules.duplicates.terms) of each idea stand in a row of their own, written by
services.duplicates only. Over that table lies the database's own index: FTS5 on SQLite, kept by triggers on the table
of terms, and GIN on PostgreSQL. A migration makes it (0005).
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Verdict
from ideas.models.ideas import Idea
from ideas.models.people import User


class TermsQuerySet(models.QuerySet):
    def matching(self, groups: Sequence[tuple[Sequence[str], float]], most: int) -> list[tuple[int, float]]:
        """The ideas that hold all terms of one of the groups, best first: (key, sum of what its groups count)."""
        if not groups:
            return []
        table = self.model._meta.db_table
        if connection.vendor == "sqlite":
            values = ", ".join(["(%s, %s)"] * len(groups))
            statement = (
                f"WITH asked(terms, value) AS (VALUES {values}) "  # noqa: S608 - names of our own
                f"SELECT f.rowid, sum(value) FROM asked CROSS JOIN {table}_fts f WHERE f.{table}_fts MATCH asked.terms "
                "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s"
            )
            given: list[Any] = [part for held, value in groups for part in (_quoted(held), value)]
        else:
            statement = f"SELECT * FROM {table}_holding(%s, %s, %s)"  # noqa: S608
            given = [[" ".join(held) for held, _value in groups], [value for _held, value in groups]]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*given, most])
            return [(key, float(value)) for key, value in cursor.fetchall()]


def _quoted(held: Sequence[str]) -> str:
    """Terms are letters and digits only, so nothing in them can end the quotation."""
    return " ".join(f'"{term}"' for term in held)


class Terms(models.Model):
    """The terms of one text of an idea, each once, with blanks between."""

    idea = models.OneToOneField(Idea, models.CASCADE, primary_key=True, related_name="%(class)s")
    terms = models.TextField()
    # rules.characters.FOLD that wrote it; the worker writes anew what an earlier one wrote. Without a default, so that
    # the column can be added without rebuilding the table, to which the database's index is tied.
    fold = models.PositiveSmallIntegerField(null=True)

    objects = TermsQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [models.Index(fields=["fold"], name="%(class)s_fold")]


class OriginalTerms(Terms):
    """Of what the resident wrote: for staff. `folded` is the text itself, which a search looks a long word up in."""

    folded = models.TextField(null=True)  # noqa: DJ001 - null until the worker has written it


class PublishedTerms(Terms):
    """Of the published text, where there is one: for residents, who must not find out what an original says."""


class TermCount(models.Model):
    """How many ideas hold each common term, counted by the worker from time to time. `counts` is {term: ideas}."""

    table = models.CharField(max_length=30, primary_key=True)
    size = models.PositiveIntegerField()
    last = models.PositiveBigIntegerField()  # the highest key of an idea that was there
    counted_at = models.DateTimeField()
    counts = models.JSONField(default=dict)  # long, so last: SQLite reads through it to what stands behind

    class Meta:
        default_permissions = ()


class PendingComparison(models.Model):
    """An idea that came in or changed its words, and that the worker has not yet compared with the others."""

    idea = models.OneToOneField(Idea, models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        default_permissions = ()


class DuplicateLink(models.Model):
    """Two ideas of a campaign that look alike, and what a moderator said of them; the earlier one is `idea`."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="+", verbose_name=_("earlier idea"))
    other = models.ForeignKey(Idea, models.CASCADE, related_name="+", verbose_name=_("later idea"))
    score = models.FloatField(_("likeness"), default=0)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by whom"))
    at = models.DateTimeField(_("when"), null=True, blank=True)

    class Meta:
        verbose_name = _("pair alike")
        verbose_name_plural = _("pairs alike")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["idea", "other"], name="pair_judged_once")]
