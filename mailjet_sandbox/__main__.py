"""`python -m mailjet_sandbox`: a local Mailjet until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from mailjet_sandbox import state
from mailjet_sandbox.app import Application
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.server import serving
from mailjet_sandbox.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr
    )
    try:
        asyncio.run(_run(options))
    except state.StateError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot listen on {options.host}:{options.port}: {error.strerror}; choose another with --port")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mailjet_sandbox", description="A local Mailjet: API, inbox and faults.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8025, help="port, 0 for a free one (default: %(default)s)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep messages, templates and keys in this file")
    parser.add_argument("--calls-per-minute", type=_count, metavar="N", help="answer 429 beyond it (default: no limit)")
    parser.add_argument("--quiet", action="store_true", help="do not log each call on standard error")
    return parser


def _port(text: str) -> int:
    number = _count(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: the highest is 65535")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _fail(problem: str) -> int:
    sys.stderr.write(f"mailjet_sandbox: {problem}\n")
    return 1


async def _run(options: argparse.Namespace) -> None:
    sandbox = Sandbox(settings=Settings(calls_limit=options.calls_per_minute or 0))
    if options.state is not None:
        state.load(sandbox, options.state)
        state.write(options.state, state.snapshot(sandbox))
    if options.calls_per_minute is not None:
        sandbox.configure(sandbox.settings.model_copy(update={"calls_limit": options.calls_per_minute}))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(Application(sandbox), host=options.host, port=options.port) as url:
        sys.stdout.write(f"Mailjet sandbox listening on {url}\n")
        sys.stdout.flush()
        saving = options.state and asyncio.create_task(state.keep(sandbox, options.state, stop))
        await stop.wait()
    if saving:
        await saving
        state.write(options.state, state.snapshot(sandbox))


if __name__ == "__main__":
    sys.exit(main())
