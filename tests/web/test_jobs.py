"""A worker runs what is in its table and nothing else, whoever writes to its broker."""

import os
from pathlib import Path

import redis
from rq import Callback, Queue, Webhook
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from web.processes import brokers, jobs

RAN: list[str] = []


def mark(*words: str) -> None:
    RAN.append(" ".join(words) or "swept")


def never(*_: object) -> None:
    RAN.append("callback")


TABLE = {"sweep": mark}


def run(url: str) -> None:
    RAN.clear()
    jobs.make_worker(url=url, queue="home", table=TABLE).work(burst=True, logging_level="CRITICAL")


def forged(url: str, name: str, *arguments: object, **more: object) -> Job:
    return Queue("home", connection=redis.Redis.from_url(url), serializer=JSONSerializer).enqueue(
        name, args=arguments, **more
    )


def test_a_nudge_runs_the_function_of_the_table(valkey_url: str) -> None:
    assert jobs.Nudge(valkey_url, queue="home")()
    assert jobs.Nudge(valkey_url, queue="home")("sweep", "one-host")
    run(valkey_url)
    assert RAN == ["swept", "one-host"]


def test_any_other_function_is_refused(valkey_url: str, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    job = forged(valkey_url, "os.system", f"touch {proof}")
    run(valkey_url)
    assert not proof.exists()
    assert job.get_status() == JobStatus.FAILED
    assert RAN == []


def test_a_pickled_job_is_refused(valkey_url: str) -> None:
    job = Queue("home", connection=redis.Redis.from_url(valkey_url)).enqueue(os.getcwd)
    run(valkey_url)
    assert job.get_status() == JobStatus.FAILED


def test_arguments_are_short_identifiers(valkey_url: str) -> None:
    for argument in ({"a": 1}, 7, "x" * 301):
        job = forged(valkey_url, "sweep", argument)
        run(valkey_url)
        assert job.get_status() == JobStatus.FAILED
        assert RAN == []


def test_callbacks_and_webhooks_are_not_called(valkey_url: str) -> None:
    forged(
        valkey_url,
        "sweep",
        on_success=Callback("tests.web.test_jobs.never"),
        webhooks=[Webhook("http://127.0.0.1:9/", job_status="finished")],
    )
    forged(valkey_url, "os.getcwd", on_failure=Callback("tests.web.test_jobs.never"))
    run(valkey_url)
    assert RAN == ["swept"]


def test_nudges_do_not_pile_up(valkey_url: str) -> None:
    nudge = jobs.Nudge(valkey_url, queue="home")
    for _ in range(100):
        nudge()
    assert redis.Redis.from_url(valkey_url).llen("rq:queue:home") == jobs.ENOUGH


def test_a_nudge_to_a_dead_broker_never_raises(tmp_path: Path) -> None:
    nudge = jobs.Nudge(f"unix://{tmp_path}/nobody.sock", queue="home")
    assert not nudge()
    nudge.if_idle()
    assert not brokers.answers(f"unix://{tmp_path}/nobody.sock")


def test_a_long_data_folder_gets_a_short_socket(tmp_path: Path) -> None:
    assert brokers.socket_path(Path("/srv/palier/home")) == Path("/srv/palier/home/broker.sock")
    long = brokers.socket_path(tmp_path / ("x" * 120))
    assert len(str(long)) <= brokers.LONGEST_SOCKET_PATH
    assert long != brokers.socket_path(tmp_path / ("y" * 120))
