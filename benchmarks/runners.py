"""All that is measured, in the table's order. Nothing here imports a peer: each runs in a process of its own."""

from benchmarks import floor_postgres
from benchmarks.context import Runner
from benchmarks.peer import PeerRunner

QUEUED = "One durable job per email"
DIRECT = "No queue"
BARE = "Bare posting of 50-message bodies"

OURS = PeerRunner(name="OmniCRM", group=QUEUED, peer="benchmarks.ours.drain:PEER")

RUNNERS: tuple[Runner, ...] = (
    OURS,
    PeerRunner(
        name="django-post-office + anymail",
        group=QUEUED,
        peer="benchmarks.peers.post_office_anymail:PEER",
        packages=("post_office", "anymail"),
    ),
    PeerRunner(
        name="dramatiq + anymail",
        group=QUEUED,
        peer="benchmarks.peers.dramatiq_anymail:PEER",
        packages=("dramatiq", "redis", "anymail"),
        needs_redis=True,
    ),
    PeerRunner(
        name="celery + anymail",
        group=QUEUED,
        peer="benchmarks.peers.celery_anymail:PEER",
        packages=("celery", "redis", "anymail"),
        needs_redis=True,
    ),
    PeerRunner(
        name="procrastinate + aiohttp",
        group=QUEUED,
        peer="benchmarks.peers.procrastinate_aiohttp:PEER",
    ),
    PeerRunner(
        name="pgqueuer + aiohttp",
        group=QUEUED,
        peer="benchmarks.peers.pgqueuer_aiohttp:PEER",
        packages=("pgqueuer", "asyncpg", "uvloop"),
    ),
    PeerRunner(
        name="official client, 1 per call",
        group=DIRECT,
        peer="benchmarks.peers.official_client:ONE",
        packages=("mailjet_rest",),
    ),
    PeerRunner(
        name="official client, 50 per call",
        group=DIRECT,
        peer="benchmarks.peers.official_client:FIFTY",
        packages=("mailjet_rest",),
    ),
    PeerRunner(
        name="anymail, 50 merged recipients",
        group=DIRECT,
        peer="benchmarks.peers.anymail_merged:PEER",
        packages=("anymail",),
    ),
    PeerRunner(name="aiohttp", group=BARE, peer="benchmarks.floor_http:AIOHTTP", packages=("uvloop",)),
    PeerRunner(name="niquests", group=BARE, peer="benchmarks.floor_http:NIQUESTS", packages=("uvloop",)),
    PeerRunner(name="httpx", group=BARE, peer="benchmarks.floor_http:HTTPX", packages=("uvloop", "httpx")),
    *floor_postgres.RUNNERS,
)
