from __future__ import annotations

import subprocess
import sys
from typing import get_args

from sekisho.app.settings.document import EngineSettings
from sekisho.store.engines.registry import ENGINES


def test_every_kind_that_the_settings_take_has_an_engine() -> None:
    assert set(get_args(EngineSettings.model_fields["kind"].annotation)) == set(ENGINES)


def test_no_optional_driver_is_imported_before_an_engine_is_opened() -> None:
    script = (
        "import sys, sekisho.store.engines.registry, sekisho.app.wiring\n"
        "print(sorted({'ibis', 'pyspark', 'py4j', 'clickhouse_connect', 'chdb', 'pandas'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
