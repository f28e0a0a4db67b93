from __future__ import annotations

import asyncio
import subprocess
from contextlib import suppress
from ipaddress import ip_address

import asyncssh
import pytest

from sekisho.contain.gateways.base import GatewayStatus
from sekisho.contain.gateways.ssh import MOST_OUTPUT, Ssh, read_status, script
from sekisho.contain.points import Gateway

GATEWAY = Gateway("g", "nftables", ip_address("127.0.0.1"), (), port=1)


def test_what_a_gateway_says_of_itself() -> None:
    said = read_status(
        "nft v1.0.6\ncurrent ab\nconfirmed -\nwaiting P-1 88\nexpired P-0\ndrift no\nboot yes\n"
        "flowtables no\nname p1_cut\ncount 12 3400\nname p1_kept\ncount 1 60\n"
    )
    assert (said.reached, said.version, said.current, said.confirmed) == (True, "v1.0.6", "ab", None)
    assert (said.waiting, said.expired, said.drift, said.boot) == (("P-1", 88), "P-0", False, True)
    assert said.counters == {"p1_cut": (12, 3400), "p1_kept": (1, 60)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "waiting\ncount 1 2\n",
        "waiting P-1 soon\nname\ncount x y\n",
        "\0\x1b[2J\n",
        "count 1 2\n" * 9,
    ],
)
def test_what_means_nothing_is_not_believed(text: str) -> None:
    said = read_status(text)
    assert (said.waiting, said.counters) == (None, {})
    # A gateway that does not say that nothing changed is not taken for unchanged.
    assert said.drift


def test_a_gateway_that_is_not_there_is_told_as_such() -> None:
    ssh = Ssh(connect=1.0)
    pinned = Gateway(
        "g",
        "nftables",
        ip_address("127.0.0.1"),
        (),
        port=1,
        host_keys=("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",),
    )
    assert asyncio.run(ssh.apply(pinned, "", "P-1", 60)).state == "unreachable"
    status = asyncio.run(ssh.status(pinned))
    assert (status.reached, status.current) == (False, None)
    unpinned = asyncio.run(ssh.confirm(GATEWAY, "P-1"))
    assert unpinned.state == "unreachable"
    assert "no host key of g is pinned" in (unpinned.why or "")
    broken = Gateway("g", "nftables", ip_address("127.0.0.1"), (), host_keys=("hello",))
    assert "cannot be read" in (asyncio.run(ssh.rollback(broken, "P-1")).why or "")


def test_only_an_id_becomes_a_word_of_a_command() -> None:
    for bad in ("", "P-1; reboot", "$(x)", "P 1", "x" * 41):
        with pytest.raises(ValueError, match="no id"):
            asyncio.run(Ssh().apply(GATEWAY, "", bad, 60))


def test_the_script_is_plain_sh() -> None:
    checked = subprocess.run(["sh", "-n"], input=script(), text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    for bad in (("apply", "P;1", "5"), ("apply", "P-1", "5;"), ("confirm", "../x"), ("fly",)):
        ran = subprocess.run(
            ["sh", "-s", *bad],
            input=script(),
            text=True,
            capture_output=True,
            env={"SEKISHO_GATE": "/tmp/sekisho-gate-test", "PATH": "/usr/bin:/bin"},
            check=False,
        )
        assert ran.returncode == 64, bad


def test_log_lines_are_the_kernels_own_words_or_none() -> None:
    said = read_status(
        "drift no\nlog 2026-11-25T12:00:00 gw kernel: sekisho P-1 IN=eth0 SRC=10.40.9.9\n"
        "log \x1b[31mred\nlog caf\u00e9\nlog " + "x" * 999 + "\n"
    )
    assert said.logs[0].endswith("sekisho P-1 IN=eth0 SRC=10.40.9.9")
    assert [len(line) for line in said.logs[1:]] == [400]
    assert not said.drift
    assert len(read_status("log a\n" * 50).logs) == 20


def test_a_gateway_that_does_not_stop_talking_is_not_listened_to() -> None:
    """An intruder may own it: what it says is bounded while it is said, not after."""

    class Open(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    async def flood(process: asyncssh.SSHServerProcess[str]) -> None:
        with suppress(asyncssh.Error, OSError):
            while True:
                process.stdout.write("x" * 65_536)
                await process.stdout.drain()

    async def ask() -> GatewayStatus:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Open, server_host_keys=[key], process_factory=flood
        )
        async with server:
            gateway = Gateway(
                "g",
                "nftables",
                ip_address("127.0.0.1"),
                (),
                port=server.get_port(),
                host_keys=(key.export_public_key().decode(),),
            )
            return await Ssh(run=60).status(gateway)

    said = asyncio.run(ask())
    assert not said.reached
    assert said.why == f"it says more than {MOST_OUTPUT:,} characters"
