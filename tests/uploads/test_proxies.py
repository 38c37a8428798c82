"""The examples in deploy/, run: each proxy with TLS and a path prefix before a real server."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import slidescore
from tusclient.uploader import Uploader

from tests.uploads.conftest import appending, creation
from tests.uploads.killable import KillableServer
from tests.wire.served import WiredStudy, free_port, make_study

# The SDK leaves files open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DEPLOY = Path(__file__).parents[2] / "deploy"
PREFIX = "/slides"
APACHE_MODULES = "mpm_event authz_core headers reqtimeout proxy proxy_http socache_shmcb ssl"


@dataclass(frozen=True)
class Setting:
    """Where a proxy runs in a test, beside what its example says."""

    folder: Path
    port: int
    server_port: int

    def example(self, name: str, **more: str) -> str:
        """Return an example with the addresses and certificates of the test."""
        words = {
            "/etc/ssl/": f"{self.folder}/",
            "127.0.0.1:8000": f"127.0.0.1:{self.server_port}",
            **more,
        }
        text = (DEPLOY / name).read_text()
        for old, new in words.items():
            assert old in text
            text = text.replace(old, new)
        return text

    def write(self, text: str) -> Path:
        path = self.folder / "proxy.conf"
        path.write_text(text)
        return path


def nginx(setting: Setting) -> list[str | Path]:
    site = setting.example("nginx.conf", **{"listen 443": f"listen 127.0.0.1:{setting.port}"})
    folders = " ".join(
        f"{name}_temp_path {setting.folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = setting.write(
        f"daemon off; pid {setting.folder}/pid; error_log {setting.folder}/log;\n"
        f"{f'user {getpass.getuser()};' if os.getuid() == 0 else ''} events {{}}\n"
        f"http {{ access_log off; {folders}\n{site}\n}}\n"
    )
    return ["nginx", "-e", setting.folder / "log", "-c", path]


def caddy(setting: Setting) -> list[str | Path]:
    key = f"tls {setting.folder}/slides.pem {setting.folder}/slides.key"
    site = setting.example(
        "Caddyfile", **{"slides.example.org {": f"https://127.0.0.1:{setting.port} {{\n\t{key}"}
    )
    path = setting.write(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", path]


def apache2(setting: Setting) -> list[str | Path]:
    site = setting.example("apache.conf", **{"*:443": f"127.0.0.1:{setting.port}"})
    modules = "\n".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
        for name in APACHE_MODULES.split()
    )
    path = setting.write(
        f"ServerRoot {setting.folder}\nDefaultRuntimeDir {setting.folder}\nServerName test\n"
        f"PidFile pid\nErrorLog {setting.folder}/log\nListen 127.0.0.1:{setting.port}\n"
        f"{modules}\nUser www-data\nGroup www-data\n{site}"
    )
    return ["apache2", "-D", "FOREGROUND", "-f", path]


def haproxy(setting: Setting) -> list[str | Path]:
    # One file for both; the example's defaults come first, as in /etc/haproxy.
    bind = {"bind :443": f"bind 127.0.0.1:{setting.port}", "slides.pem": "both.pem"}
    return ["haproxy", "-db", "-f", setting.write(setting.example("haproxy.cfg", **bind))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillableServer]:
    folder = tmp_path_factory.mktemp("behind")
    with KillableServer(folder, {"COVERSLIP_ROOT_PATH": PREFIX}).started() as server:
        yield server


@pytest.fixture(scope="module")
def study(server: KillableServer, tmp_path_factory: pytest.TempPathFactory) -> WiredStudy:
    client = slidescore.APIClient(server.url, server.token)
    return make_study(client, tmp_path_factory.mktemp("study"), "proxied")


@pytest.fixture(scope="module", params=[nginx, caddy, apache2, haproxy], ids=lambda p: p.__name__)
def base(
    request: pytest.FixtureRequest,
    server: KillableServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Run a proxy by its example, and give the address of the server behind it."""
    name = request.param.__name__
    if shutil.which(name) is None or shutil.which("openssl") is None:
        pytest.skip(f"needs {name} and openssl")
    folder = tmp_path_factory.mktemp(name)
    make_certificate(folder)
    setting = Setting(folder, free_port(), server.port)
    environ = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "out").open("w") as out, pytest.MonkeyPatch.context() as patch:
        # Python's clients, tuspy among them, believe this certificate.
        patch.setenv("REQUESTS_CA_BUNDLE", str(folder / "slides.pem"))
        process = subprocess.Popen(request.param(setting), env=environ, stdout=out, stderr=out)
        try:
            url = f"https://127.0.0.1:{setting.port}{PREFIX}"
            wait_until_passing(url, process, folder / "out")
            yield url
        finally:
            process.terminate()
            process.wait(20)


def make_certificate(folder: Path) -> None:
    pem, key = folder / "slides.pem", folder / "slides.key"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    words = [*command.split(), "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*words, "-out", pem, "-keyout", key], check=True, capture_output=True)
    (folder / "both.pem").write_bytes(pem.read_bytes() + key.read_bytes())


def wait_until_passing(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/healthz", timeout=5).ok:
                return
    raise AssertionError(log.read_text())


def test_pages_and_tiles_pass(base: str, server: KillableServer, study: WiredStudy):
    login = requests.get(f"{base}/Account/Login", timeout=10)
    bearer = {"Authorization": f"Bearer {server.token}"}
    query = f"Api/GetTileServer?imageId={study.slide_id}"
    access = requests.get(f"{base}/{query}", headers=bearer, timeout=10).json()
    path = f"i/{study.slide_id}/{access['urlPart']}/i_files/8/0_0.jpeg"
    cookies = {"t": access["cookiePart"]}
    tile, direct = (
        requests.get(f"{url}/{path}", cookies=cookies, timeout=10) for url in (base, server.url)
    )

    assert login.status_code == 200
    assert f'"{PREFIX}/' in login.text
    assert all("Secure" in value for value in login.raw.headers.getlist("set-cookie"))
    assert tile.content.startswith(b"\xff\xd8\xff")
    assert tile.content == direct.content


def test_upload_passes_as_it_comes_and_goes_on_after_a_killed_server(
    base: str, server: KillableServer, tmp_path: Path
):
    source = tmp_path / "a.svs"
    source.write_bytes(secrets.token_bytes(50_000_000))
    data = source.read_bytes()
    folder = f"f{secrets.token_hex(4)}"
    client = slidescore.APIClient(base, server.token)
    ticket = client.request_upload(folder, "a.svs", None)
    metadata = {"uploadtoken": ticket, "apitoken": server.token}
    created = requests.post(f"{base}/files/", headers=creation(len(data), metadata), timeout=10)
    location = requests.compat.urljoin(f"{base}/files/", created.headers["Location"])

    # Half of one great request: a proxy that collects requests would let nothing through yet.
    with begun_patch(location, len(data)) as connection:
        connection.sendall(data[:25_000_000])
        until = time.monotonic() + 20
        while offset_of(location) < 1_000_000:
            assert time.monotonic() < until
        server.kill()
    server.start()
    with source.open("rb") as stream:
        uploader = Uploader(file_stream=stream, url=location, retries=100, retry_delay=0.1)
        resumed_at = uploader.offset
        uploader.upload()
    client.finish_upload(ticket, location)

    assert location.startswith(f"{base}/files/")
    assert resumed_at >= 1_000_000
    assert (server.folder / "data" / "images" / folder / "a.svs").read_bytes() == data


def offset_of(location: str) -> int:
    answer = requests.head(location, headers={"Tus-Resumable": "1.0.0"}, timeout=10)
    return int(answer.headers["Upload-Offset"])


@contextlib.contextmanager
def begun_patch(location: str, length: int) -> Iterator[ssl.SSLSocket]:
    """Open a request that announces so many bytes, over TLS."""
    address, _, path = location.removeprefix("https://").partition("/")
    host, _, port = address.partition(":")
    headers = {"Host": address, "Content-Length": str(length), **appending(0)}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    context = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall("\r\n".join([f"PATCH /{path} HTTP/1.1", *lines, "", ""]).encode())
        yield connection
