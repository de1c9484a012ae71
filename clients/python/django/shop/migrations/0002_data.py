"""Rows that a migration makes and takes away again."""

from django.db import migrations


def make(apps, schema_editor):
    apps.get_model("shop", "Tag").objects.create(word="made")


def unmake(apps, schema_editor):
    apps.get_model("shop", "Tag").objects.filter(word="made").delete()


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.RunPython(make, unmake),
        migrations.RunSQL("DELETE FROM shop_tag", migrations.RunSQL.noop),
    ]
