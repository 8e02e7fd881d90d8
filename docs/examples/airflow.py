"""A DAG for each person of an organisation on Airflow: a tick each quarter of an hour over a volume of their own.

docs/scaling.md says what stands in the volumes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.docker.operators.docker import DockerOperator
from docker.types import Mount

PEOPLE = ("anna", "ben")

for name in PEOPLE:
    with DAG(
        dag_id=f"kith-{name}",
        schedule="*/15 * * * *",
        start_date=datetime(2026, 1, 1),  # noqa: DTZ001 - Airflow takes it for UTC
        catchup=False,  # one tick makes up for all that were missed
        max_active_runs=1,  # a second one would end with 75
        default_args={"retries": 0, "execution_timeout": timedelta(hours=1)},  # the next tick is the retry
    ) as dag:
        DockerOperator(
            task_id="tick",
            image="registry.example/kith:0.1.0",
            entrypoint=["sh", "-c"],
            command=["kith once >/dev/null"],  # what it shows has names in it
            skip_on_exit_code=[69, 75, 77],  # away, at work already, a login is needed: no failure of the job
            user="1000:1000",
            environment={"KITH_CONFIG": "/data/config.toml", "STATE_DIRECTORY": "/data/state"},
            mounts=[Mount(target="/data", source=f"kith-{name}", type="volume")],
            mount_tmp_dir=False,
            mem_limit="512m",
            cap_drop=["ALL"],
            auto_remove="force",
        )
    globals()[dag.dag_id] = dag
