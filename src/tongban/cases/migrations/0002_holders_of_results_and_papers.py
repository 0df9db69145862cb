"""Who answers for results and for working papers on paper: found from what happened, then held by constraints (0003)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def find_holders(apps, schema_editor):
    """The newest act on a case says who had its results last; who took it in or handed its papers on has these."""
    case, item, event = (apps.get_model("cases", name) for name in ("Case", "CaseItem", "Event"))
    case.objects.filter(papers="window").update(papers_holder=F("taken_by"), papers_since=F("taken_at"))
    handed = event.objects.filter(case=OuterRef("pk"), kind="papers_to_issuing")
    passed = event.objects.filter(
        case=OuterRef("pk"), kind__in=("papers_to_issuing", "papers_to_archive"), by__isnull=False
    ).order_by("-sequence")
    case.objects.filter(Exists(handed)).exclude(papers="window").update(
        papers_holder=Subquery(passed.values("by")[:1]), papers_since=Subquery(passed.values("at")[:1])
    )
    newest = event.objects.filter(case=OuterRef("case"), by__isnull=False).order_by("-sequence")
    taken_by = case.objects.filter(pk=OuterRef("case")).values("taken_by")[:1]
    item.objects.filter(state__in=("decided", "at_issuing", "with_post", "posted", "delivered")).update(
        holder=Coalesce(Subquery(newest.values("by")[:1]), Subquery(taken_by)), holder_since=F("state_since")
    )


def back_to_the_window(apps, schema_editor):
    """Papers on their way are, as the older release sees it, at the issuing desk."""
    apps.get_model("cases", "Case").objects.filter(papers="to_issuing").update(papers="issuing")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="papers_holder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(model_name="case", name="papers_since", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name="caseitem",
            name="holder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="caseitem", name="holder_since", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="case",
            name="papers",
            field=models.CharField(
                choices=[
                    ("window", "收件窗口"),
                    ("to_issuing", "移交发证途中"),
                    ("issuing", "发证岗位"),
                    ("archive", "归档岗位"),
                ],
                default="issuing",
                max_length=10,
            ),
        ),
        migrations.RunPython(find_holders, back_to_the_window),
    ]
