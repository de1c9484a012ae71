"""A plugin of pytest: SQLAlchemy's set-up makes the extensions citext and hstore, of which its suite for dialects needs none."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    from sqlalchemy.dialects.postgresql import provision as _
    from sqlalchemy.testing import provision

    del provision.post_configure_engine.fns["postgresql"]
