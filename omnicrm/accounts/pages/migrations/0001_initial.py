from django.db import migrations

# Unlogged: counts of attempts are gone after a crash of the server, which harms nobody, and cost no write-ahead log.
# Room in each page lets an update stay in it, so that pages clean themselves and vacuum has little to do.
CREATE = """
CREATE UNLOGGED TABLE shared_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [migrations.RunSQL(CREATE, "DROP TABLE shared_cache")]
