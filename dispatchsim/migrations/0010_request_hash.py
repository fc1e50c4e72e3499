from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatchsim", "0009_words_for_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="request_hash",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
    ]
