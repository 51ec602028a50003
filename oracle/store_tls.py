"""Fetches a trace over TLS: what is trusted is read, and what is not is refused with a word on why.

    python3 oracle/store_tls.py SKYSPAN_BINARY FOLDER

A server of Python's `ssl` answers as a Tempo does, with certificates that `openssl` makes in FOLDER.
"""

import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPANS = {
    "resourceSpans": [
        {
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": TRACE_ID,
                            "spanId": "b7ad6b7169203331",
                            "name": "over tls",
                            "startTimeUnixNano": "1700000000000000000",
                            "endTimeUnixNano": "1700000001000000000",
                        }
                    ]
                }
            ]
        }
    ]
}


class Tempo(http.server.BaseHTTPRequestHandler):
    """Answers a trace by its id, in version 2 of the API, and leads on from another path to a server without TLS."""

    def do_GET(self) -> None:
        if self.path.startswith("/elsewhere/"):
            self.send_response(302)
            self.send_header("location", f"http://localhost:{self.server.server_port}{self.path.removeprefix('/elsewhere')}")
            self.end_headers()
            return
        body = json.dumps({"trace": SPANS}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificate(folder: pathlib.Path, host: str) -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
    """An authority of its own, the certificate that it gives a host, and the key of that."""
    files = [folder / f"{host}.{name}" for name in ("ca.key", "ca.pem", "key", "csr", "pem", "ext")]
    ca_key, ca, key, request, signed, extensions = files
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, "-subj", f"/CN=authority of {host}", "-keyout", ca_key, "-out", ca)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", key, "-out", request)
    extensions.write_text(f"subjectAltName=DNS:{host}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 30, "-extfile", extensions, "-out", signed)
    return ca, signed, key


def serve(certificate: pathlib.Path, key: pathlib.Path) -> int:
    """Serves until the process ends; gives the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tempo)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def serve_plainly() -> int:
    """The same without TLS."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tempo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def main() -> None:
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    trusted, signed, key = certificate(folder, "localhost")
    other, other_signed, other_key = certificate(folder, "elsewhere.example")

    def fetch(port: int, path: str = "", trusts: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
        address = f"tempo+https://localhost:{port}{path}/{TRACE_ID}"
        environment = {name: value for name, value in os.environ.items() if name not in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
        if trusts:
            environment["SSL_CERT_FILE"] = str(trusts)
        return subprocess.run([binary, "tree", address], capture_output=True, text=True, env=environment, timeout=60)

    port, other_port = serve(signed, key), serve(other_signed, other_key)
    read = fetch(port, trusts=trusted)
    assert (read.returncode, "over tls" in read.stdout) == (0, True), read
    plain_port = serve_plainly()
    # One that nobody trusts; one of another name; one that leads away from TLS; and one that has no TLS.
    not_trusted = "the certificate of localhost is not trusted: "
    for code, told, refused in [
        (2, f"{not_trusted}this machine does not know who signed it; add that authority to", fetch(port, trusts=other)),
        (2, f'{not_trusted}it is only valid for "elsewhere.example"; ask', fetch(other_port, trusts=other)),
        (2, "from https to http", fetch(port, "/elsewhere", trusts=trusted)),
        (3, "expected TLS, found something else", fetch(plain_port, trusts=trusted)),
    ]:
        assert (refused.returncode, refused.stdout) == (code, ""), refused
        assert told in refused.stderr and "localhost" in refused.stderr, refused
    print("a trace over TLS is read, and four servers that are not to be trusted are refused")


main()
