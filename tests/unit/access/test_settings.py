"""Who is on this machine, as the settings say it."""

import pytest

from entrypoints.settings import InvalidSettings, Settings, load_settings


def settings(**given: object) -> Settings:
    return load_settings(profile="embedded", _env_file=None, **given)


@pytest.mark.parametrize(
    ("host", "proxies", "on_loopback"),
    [
        ("127.0.0.1", "", True), ("localhost", "", True), ("::1", "", True), ("0.0.0.0", "", False), ("::", "", False),
        ("viz.example", "", False), ("127.0.0.1", "127.0.0.1", False), ("127.0.0.1", "::1, 10.0.0.0/8", False),
    ],
)  # fmt: skip
def test_only_who_listens_on_loopback_without_a_proxy_is_reached_from_here_alone(
    host: str, proxies: str, on_loopback: bool
) -> None:
    assert settings(host=host, trusted_proxies=proxies).on_loopback is on_loopback


def test_reads_are_not_public_unless_told() -> None:
    assert not settings().public_reads
    assert settings(public_reads="true").public_reads


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.1:80", "10.0.0.1/8"])
def test_a_proxy_is_named_by_its_address(proxies: str) -> None:
    with pytest.raises(InvalidSettings, match="CRYPTOVIZ_TRUSTED_PROXIES: "):
        settings(trusted_proxies=proxies)
