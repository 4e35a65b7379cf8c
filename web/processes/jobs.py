"""Jobs are nudges: a narrowed RQ whose workers run nothing but functions of a literal table."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

import redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from web.processes import brokers

Table = Mapping[str, Callable[..., None]]

TICK_SECONDS = 1.0
# Beyond this many waiting nudges another one says nothing new.
ENOUGH = 20
JOB_SECONDS = 60
LONGEST_ARGUMENT = 300

log = logging.getLogger(__name__)


class NotInTable(Exception):
    """A job names something that is not in the table of this worker."""


class NarrowJob(Job):
    """A job whose function comes out of a table and which calls nothing else.

    RQ imports whatever dotted name it finds in a job, in three kinds of callbacks and in webhooks:
    whoever can write to the broker would run code in the worker.
    """

    TABLE: ClassVar[Table] = {}

    @property
    def func(self) -> Callable[..., None]:
        """The function of the table.

        Raises:
            NotInTable: for every other name, and for jobs bound to an object.
        """
        found = self.TABLE.get(self.func_name or "")
        if found is None or self.instance is not None:
            msg = f"{self.func_name!r} is not a job of this worker"
            raise NotInTable(msg)
        return found

    def _execute(self) -> None:
        """Call the function with identifiers only.

        Raises:
            NotInTable: when an argument is anything but a short string.
        """
        given = self.args
        if self.kwargs or not all(isinstance(one, str) and len(one) <= LONGEST_ARGUMENT for one in given):
            raise NotInTable("a job carries short identifiers only")
        self.func(*given)

    @property
    def success_callback(self) -> None:
        """None, whatever the job says."""

    @property
    def failure_callback(self) -> None:
        """None, whatever the job says."""

    @property
    def stopped_callback(self) -> None:
        """None, whatever the job says."""

    def send_webhooks(self, *_: object, **__: object) -> None:
        """Nothing: a webhook would let the broker's writer send home's worker anywhere."""


class NarrowWorker(SimpleWorker):
    """A worker in one process, without RQ's remote commands."""

    max_connection_wait_time = 2.0
    log_job_description = False

    def subscribe(self) -> None:
        """Listen to no commands: the supervisor starts and stops workers, not the broker."""


def narrowed(table: Table) -> type[NarrowJob]:
    """The job class of one worker."""
    return cast("type[NarrowJob]", type("NarrowedJob", (NarrowJob,), {"TABLE": dict(table)}))


class Nudge:
    """Asks a side's worker to look sooner; never fails, never waits long."""

    def __init__(self, url: str, *, queue: str) -> None:
        self._queue = Queue(queue, connection=brokers.connect(url), serializer=JSONSerializer)

    def __call__(self, name: str = "sweep", *arguments: str) -> bool:
        """Whether the nudge is on its way; when not, the worker's own clock finds the work."""
        try:
            if self._queue.count < ENOUGH:
                self._queue.enqueue(name, args=arguments, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=600)
        except (redis.RedisError, OSError) as error:
            log.warning("no nudge to the %s worker: %s", self._queue.name, error)
            return False
        return True

    def if_idle(self) -> None:
        """Nudge a sweep unless something waits already."""
        try:
            waiting = self._queue.count
        except (redis.RedisError, OSError):
            return  # the worker itself complains about its broker, once
        if not waiting:
            self()


def work(*, url: str, queue: str, table: Table) -> None:
    """Run the jobs of one queue until told to stop; a clock nudges a sweep every second."""
    nudge = Nudge(url, queue=queue)
    stop = threading.Event()
    clock = threading.Thread(target=_tick, args=(nudge, stop), name="clock", daemon=True)
    worker = make_worker(url=url, queue=queue, table=table)
    clock.start()
    try:
        worker.work(logging_level="WARNING")
    finally:
        stop.set()


def make_worker(*, url: str, queue: str, table: Table) -> NarrowWorker:
    """A worker that runs functions of `table` only; anything else ends among the failed jobs."""
    connection = brokers.connect(url, patient=True)
    return NarrowWorker(
        [queue], connection=connection, job_class=narrowed(table), serializer=cast("Any", JSONSerializer)
    )


def _tick(nudge: Nudge, stop: threading.Event) -> None:
    while not stop.wait(TICK_SECONDS):
        nudge.if_idle()
