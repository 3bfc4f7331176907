"""Alerts of the simulated market reach a receiver that has trouble, through a kill and a restart."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.servers.http import Exchange, HttpServer, Request, http_server
from tests.servers.smtp import SmtpServer, smtp_server
from tests.waiting import until

RULE = {"name": "Any move", "kind": "price-move", "threshold_pct": "0.01", "window_s": 60}


class Receiver:
    """Refuses each alert twice with a 500, then takes it."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.came: Counter[str] = Counter()
        self.taken: list[Request] = []
        server.routes["/hook"] = self._answer

    def _answer(self, exchange: Exchange) -> None:
        request = next(one for one in self.server.asked("/hook") if dict(one.headers) == _headers(exchange))
        alert_id = request.headers["x-cryptoviz-alert"]
        self.came[alert_id] += 1
        if self.came[alert_id] <= 2:
            exchange.answer(500)
        else:
            self.taken.append(request)
            exchange.answer(204)

    def taken_ids(self) -> Counter[str]:
        return Counter(request.headers["x-cryptoviz-alert"] for request in self.taken)


def _headers(exchange: Exchange) -> dict[str, str]:
    return {name.lower(): value for name, value in exchange.headers.items()}


def _start(data: Path, server: HttpServer, mail: SmtpServer) -> Program:
    allowed = f"127.0.0.1:{server.port},127.0.0.1:{mail.port}"
    return Program(data, "--source", "simulated", pairs="BTC/USD,ETH/USD,SOL/USD", allow_private_hosts=allowed)


def _sent(program: Program, channel: str) -> set[str]:
    rows = program.all("admin/deliveries/?state=sent")
    return {row["alert_id"] for row in rows if row["channel_id"] == channel}


def _raised(program: Program, rule: str) -> set[str]:
    return {row["id"] for row in program.all("alerts/") if row["rule_id"] == rule}


def _verify(request: Request, signing_key: str) -> dict[str, Any]:
    signed = b".".join(
        (request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body)
    )
    code = hmac.new(base64.b64decode(signing_key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(code).decode()}"
    return dict(json.loads(request.body))


@pytest.mark.slow
def test_alerts_arrive_through_trouble_a_kill_and_a_restart(tmp_path: Path) -> None:
    with http_server() as server, smtp_server() as mail:
        receiver = Receiver(server)
        with _start(tmp_path / "data", server, mail) as program:
            hook = program.post("admin/channels/", {"name": "Hook", "kind": "webhook", "url": server.url("/hook")})
            box = program.post(
                "admin/channels/",
                {"name": "Mail", "kind": "email", "to": "ann@example.org", "from": "bot@example.org",
                 "host": "127.0.0.1", "port": mail.port, "security": "none"},
            )  # fmt: skip
            assert program.post(f"admin/channels/{box['id']}/test") == {"delivered": True, "detail": None}
            rule = program.post("alert-rules/", RULE | {"notify": [hook["id"], box["id"]]})["id"]
            assert until(lambda: len(receiver.taken) >= 2, seconds=90), program.said
            sent_before = _sent(program, hook["id"])
            program.kill()
        came_before = dict(receiver.came)

        with _start(tmp_path / "data", server, mail) as program:
            assert until(lambda: len(receiver.taken_ids()) >= len(sent_before) + 2, seconds=90), program.said
            program.post(f"alert-rules/{rule}/", method="DELETE")
            # Asked each time: what was under way when the rule was deleted may still become an alert.
            assert until(lambda: _sent(program, hook["id"]) == _raised(program, rule), seconds=200), program.said
            assert until(lambda: _sent(program, box["id"]) == _raised(program, rule), seconds=60), program.said
            raised = _raised(program, rule)
            assert _sent(program, hook["id"]) == raised

        assert {alert_id: receiver.came[alert_id] for alert_id in sent_before} == {
            alert_id: came_before[alert_id] for alert_id in sent_before
        }
        assert set(receiver.taken_ids()) == raised
        alert = _verify(receiver.taken[0], hook["signing_key"])
        assert alert["subject"].startswith("SIMULATED: ")
        assert alert["alert"]["origin"] == "simulated"
        mails = [found.message for found in mail.mails if not found.message["X-CryptoViz-Alert"].startswith("test-")]
        assert {found["X-CryptoViz-Alert"] for found in mails} == raised
        assert all(found.message["Subject"].startswith("SIMULATED: ") for found in mail.mails)
        secret = hook["signing_key"].removeprefix("whsec_")
        assert secret not in (tmp_path / "data.log").read_text()
