import django.db.models.deletion
from django.db import migrations, models


def join(apps, schema_editor):
    """A bad rating that is followed up was the only one of its case."""
    follow_up, rating = apps.get_model("ratings", "FollowUp"), apps.get_model("ratings", "Rating")
    of_case = models.OuterRef("case")
    follow_up.objects.update(rating=models.Subquery(rating.objects.filter(case=of_case).values("pk")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("ratings", "0003_evidence_of_findings"),
    ]

    operations = [
        migrations.AddField(
            model_name="rating",
            name="service",
            field=models.CharField(choices=[("intake", "收件"), ("handover", "发证")], default="intake", max_length=10),
        ),
        migrations.AddField(
            model_name="followup",
            name="rating",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="follow_up", to="ratings.rating"
            ),
        ),
        migrations.RunPython(join, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="followup",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="cases.case"
            ),
        ),
        migrations.AlterField(
            model_name="rating",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="cases.case"
            ),
        ),
        migrations.AlterModelOptions(name="rating", options={"ordering": ("id",)}),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(fields=("case", "service"), name="one_rating_a_service"),
        ),
    ]
