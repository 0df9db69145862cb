import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ratings", "0004_one_rating_a_service")]

    operations = [
        migrations.AlterField(
            model_name="followup",
            name="rating",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_up", to="ratings.rating"
            ),
        ),
    ]
