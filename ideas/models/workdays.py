"""The calendar of working days: of each known year, the days that are other than their weekday says.

A year is known when it has a row of its own, with the word of whoever filled it in where its days come from; no number
of days says so, since a year that somebody is still typing in has some, too. Days hang on their year, so there is
none in a year that nobody vouches for, and a year is given up, to be fetched anew, by deleting its one row.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.rules.workdays import SATURDAY

# What a row need not say.
ANYWAY = {True: _("From Monday to Friday people work anyway."), False: _("Saturdays and Sundays are off anyway.")}


class CalendarYear(models.Model):
    """A year whose holidays and make-up days are all entered."""

    number = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2999)]
    )
    source = models.CharField(
        _("where it comes from"),
        max_length=100,
        help_text=_("For example the number of the State Council's notice."),
    )

    class Meta:
        verbose_name = _("working calendar of a year")
        verbose_name_plural = _("working calendar")
        ordering = ("-number",)

    def __str__(self) -> str:
        return str(self.number)


class CalendarDay(models.Model):
    """A day off that would be a working day by its weekday, or a Saturday or Sunday that is worked."""

    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days", verbose_name=_("year"))
    day = models.DateField(_("day"), unique=True)
    is_workday = models.BooleanField(
        _("off or worked"), choices=[(False, _("day off")), (True, _("make-up day"))], default=False
    )
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("holiday or make-up day")
        verbose_name_plural = _("holidays and make-up days")
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

    def clean(self) -> None:
        if self.day is None:
            return
        if self.year.number is not None and self.day.year != self.year.number:
            raise ValidationError({"day": _("This day is not in that year.")})
        if self.is_workday == (self.day.weekday() < SATURDAY):
            raise ValidationError({"is_workday": ANYWAY[self.is_workday]})
