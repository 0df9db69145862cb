"""Mail: consignments, where they are, numbers got in advance, addresses kept with consent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tongban.vault.sealed


def results_on_their_way(apps, schema_editor):
    """A case whose results are in the mail has a consignment under the number that was noted when they were sent."""
    item, event, consignment = (
        apps.get_model(app, name)
        for app, name in (("cases", "CaseItem"), ("cases", "Event"), ("custody", "Consignment"))
    )
    orders = {}
    for row in item.objects.filter(state="posted").values("case_id", "order", "case__region_id").order_by("pk"):
        orders.setdefault((row["case_id"], row["case__region_id"]), []).append(row["order"])
    for (case, region), places in orders.items():
        sent = {}
        for step in event.objects.filter(case=case, kind="posted", by__isnull=False).order_by("sequence"):
            sent |= dict.fromkeys(set(step.data.get("items", [])) & set(places), step)
        for step in {found.pk: found for found in sent.values()}.values():
            waybill = step.data.get("waybill", "")
            used = consignment.objects.filter(carrier=settings.CARRIER_NAME, waybill=waybill).exists()
            consignment.objects.create(
                kind="result",
                case_id=case,
                region_id=region,
                carrier=settings.CARRIER_NAME,
                orders=sorted(place for place, by in sent.items() if by.pk == step.pk),
                waybill="" if used else waybill,
                state="sent",
                state_since=step.at,
                sent_by_id=step.by_id,
                sent_at=step.at,
                key=f"before:{step.pk}",
            )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_paper_has_a_holder"),
        ("custody", "0003_lists_are_things"),
        ("people", "0003_city_archive_and_ratings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("result", "结果"), ("materials", "材料"), ("bag", "容缺回寄")], max_length=10
                    ),
                ),
                ("orders", models.JSONField(default=list)),
                ("carrier", models.CharField(max_length=20)),
                ("waybill", models.CharField(blank=True, max_length=30)),
                (
                    "payer",
                    models.CharField(
                        choices=[("sender", "寄件单位付"), ("receiver", "收件人付")], default="sender", max_length=10
                    ),
                ),
                ("area", models.CharField(blank=True, max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[("sent", "已寄出"), ("signed", "已签收"), ("returned", "已退回"), ("lost", "已丢失")],
                        default="sent",
                        max_length=10,
                    ),
                ),
                ("state_since", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("said", models.CharField(blank=True, max_length=10)),
                ("reason", tongban.vault.sealed.Sealed(blank=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="cases.case",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.region"
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="thing",
            name="consignment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="things",
                to="custody.consignment",
            ),
        ),
        migrations.CreateModel(
            name="PostalAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_digest", models.CharField(max_length=64)),
                ("name", tongban.vault.sealed.Sealed()),
                ("phone", tongban.vault.sealed.Sealed()),
                ("address", tongban.vault.sealed.Sealed()),
                ("agreed_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Track",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", tongban.vault.sealed.Sealed()),
                ("mark", models.CharField(max_length=64)),
                (
                    "consignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tracks", to="custody.consignment"
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Waybill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.region"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="consignment",
            index=models.Index(fields=["region", "state", "id"], name="consignment_by_state"),
        ),
        migrations.AddIndex(
            model_name="consignment",
            index=models.Index(
                condition=models.Q(("state", "sent")), fields=["asked_at", "id"], name="consignment_to_ask"
            ),
        ),
        migrations.AddConstraint(
            model_name="consignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("waybill", ""), _negated=True),
                fields=("carrier", "waybill"),
                name="one_consignment_a_waybill",
            ),
        ),
        migrations.AddConstraint(
            model_name="track",
            constraint=models.UniqueConstraint(fields=("consignment", "mark"), name="track_once"),
        ),
        migrations.AddIndex(
            model_name="waybill",
            index=models.Index(condition=models.Q(("used_at", None)), fields=["region", "id"], name="waybill_free"),
        ),
        migrations.AddConstraint(
            model_name="postaladdress",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person_digest", ""), _negated=True),
                fields=("person_digest",),
                name="one_address_a_person",
            ),
        ),
        migrations.RunPython(results_on_their_way, migrations.RunPython.noop),
    ]
