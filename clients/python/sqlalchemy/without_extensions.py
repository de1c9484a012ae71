"""A plugin of pytest: SQLAlchemy's set-up makes the extension hstore, too, which its suite for dialects does not need."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    from sqlalchemy.dialects.postgresql import provision as _
    from sqlalchemy.testing import provision

    del provision.post_configure_engine.fns["postgresql"]
