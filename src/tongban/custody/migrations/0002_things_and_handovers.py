"""Paper as things with labels that go from hand to hand; lists of paper become things, their steps handovers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tongban.vault.sealed
from tongban.custody.codes import new_code

STEPS = {"list_sent": ("window", "post"), "list_received": ("window", "post"), "list_delivered": ("post", "unit")}


def steps_of(event, row):
    """Kind → (who, when) of the steps a list went through, from what happened to its case."""
    found = {}
    for one in event.objects.filter(case=row.case_id, kind__in=STEPS, by__isnull=False).order_by("sequence"):
        if one.data.get("unit") == row.unit.name:
            found[one.kind] = (one.by_id, one.at)
    return found


def to_things(apps, schema_editor):
    """Each list becomes a thing in the same place with the same holder; its steps become handovers."""
    lists, thing, handover = (apps.get_model("custody", name) for name in ("MaterialList", "Thing", "Handover"))
    event = apps.get_model("cases", "Event")
    for row in lists.objects.select_related("unit").order_by("pk").iterator():
        new = thing.objects.create(
            code=new_code("materials"),
            kind="materials",
            case_id=row.case_id,
            unit_id=row.unit_id,
            materials=row.materials,
            place=row.place,
            place_since=row.place_since,
            holder_id=row.holder_id,
        )
        steps = steps_of(event, row)
        now = (row.holder_id, row.place_since)
        if row.place != "window":
            sent, received = steps.get("list_sent", now), steps.get("list_received", now)
            taken = row.place != "sent"
            differences = [{"what": "", "text": row.difference}] if row.difference else []
            handover.objects.create(
                thing=new,
                origin="window",
                target="post",
                given_by_id=sent[0],
                given_at=sent[1],
                taken_by_id=received[0] if taken else None,
                taken_at=received[1] if taken else None,
                differences=differences,
            )
        if row.place == "unit":
            given, delivered = steps.get("list_received", now), steps.get("list_delivered", now)
            handover.objects.create(
                thing=new,
                origin="post",
                target="unit",
                given_by_id=given[0],
                given_at=given[1],
                taken_by_id=delivered[0],
                taken_at=delivered[1],
                signed_by=row.signed_by,
            )


def to_lists(apps, schema_editor):
    """Things of materials as lists; what the older release has no place for (bags, parts sent again) is left behind."""
    lists, thing = apps.get_model("custody", "MaterialList"), apps.get_model("custody", "Thing")
    for row in thing.objects.filter(kind="materials", replaces=None).order_by("pk"):
        done = list(row.handovers.order_by("pk"))
        said = [f"{one['text']}" for step in done for one in step.differences]
        place = row.place if row.place in ("window", "post", "unit") else "sent"
        lists.objects.create(
            case_id=row.case_id,
            unit_id=row.unit_id,
            materials=row.materials,
            place=place,
            place_since=row.place_since,
            holder_id=row.holder_id,
            difference="；".join(said)[:500],
            signed_by=next((step.signed_by for step in reversed(done) if step.signed_by), ""),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_paper_has_a_holder"),
        ("custody", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                ("expected", models.PositiveIntegerField()),
                ("found", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.region",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.window",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Thing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("materials", "单位材料"), ("bag", "容缺回寄袋")], default="materials", max_length=10
                    ),
                ),
                ("materials", models.JSONField(default=list)),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("window", "收件窗口"),
                            ("applicant", "申请人"),
                            ("sent", "途中"),
                            ("post", "邮政专递窗口"),
                            ("unit", "单位窗口"),
                            ("gone", "已了结"),
                        ],
                        default="window",
                        max_length=10,
                    ),
                ),
                ("place_since", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="things", to="cases.case"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.thing",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Missing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=200)),
                ("where", models.CharField(max_length=20)),
                ("role", models.CharField(max_length=20)),
                ("reported_at", models.DateTimeField()),
                ("note", tongban.vault.sealed.Sealed(blank=True)),
                ("part", tongban.vault.sealed.SealedJSON(default=list)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("", "查找中"), ("found", "已找到"), ("replaced", "已补做")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_note", tongban.vault.sealed.Sealed(blank=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missing",
                        to="cases.caseitem",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "thing",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missing",
                        to="custody.thing",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("window", "收件窗口"),
                            ("applicant", "申请人"),
                            ("sent", "途中"),
                            ("post", "邮政专递窗口"),
                            ("unit", "单位窗口"),
                            ("gone", "已了结"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("window", "收件窗口"),
                            ("applicant", "申请人"),
                            ("sent", "途中"),
                            ("post", "邮政专递窗口"),
                            ("unit", "单位窗口"),
                            ("gone", "已了结"),
                        ],
                        max_length=10,
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("signed_by", tongban.vault.sealed.Sealed(blank=True)),
                ("differences", tongban.vault.sealed.SealedJSON(default=list)),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "thing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="custody.thing"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="thing",
            index=models.Index(
                condition=models.Q(("place", "gone"), _negated=True), fields=["place", "id"], name="thing_by_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="thing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "materials"), ("replaces", None)),
                fields=("case", "unit"),
                name="one_thing_a_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="thing",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "bag"), ("unit__isnull", False), _connector="OR"),
                name="materials_have_a_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="missing",
            index=models.Index(condition=models.Q(("outcome", "")), fields=["id"], name="missing_open"),
        ),
        migrations.AddConstraint(
            model_name="missing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")), fields=("thing",), name="one_open_search_a_thing"
            ),
        ),
        migrations.AddConstraint(
            model_name="missing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")), fields=("item",), name="one_open_search_a_result"
            ),
        ),
        migrations.AddConstraint(
            model_name="missing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("item", None), ("outcome", ""), ("thing", None)),
                fields=("case",),
                name="one_open_search_for_papers",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_at", None)), fields=("thing",), name="one_open_handover_a_thing"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_at__isnull", True), ("taken_by__isnull", True)),
                    models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                    _connector="OR",
                ),
                name="taken_by_somebody",
            ),
        ),
        migrations.RunPython(to_things, to_lists),
    ]
