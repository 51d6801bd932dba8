"""`omnicrm demo`: the whole product on this machine with a local Mailjet, real processes and real calls."""

from omnicrm.ops.demo.run import run_demo

__all__ = ["run_demo"]
