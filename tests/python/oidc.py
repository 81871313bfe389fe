"""Tokens of a real OpenID Connect issuer: `oidc.py target/debug/pakn PYTHON`, the latter with oidc-provider-mock.

See scripts/oidc-trial for what is tried. Prints a line for each step; ends with 1 at the first that does not hold.
"""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import grpc
from pakn.v1 import casework_pb2 as casework, casework_pb2_grpc

from running import Violation, bearer, free_port, house, must

BACK = "http://localhost:1/back"
CLIENT = "pakn-staff"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Issuer:
    """An issuer that can be stopped, and draws new keys whenever it starts."""

    def __init__(self, python, folder):
        self.python, self.port, self.process = python, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "issuer.log"
        self.browser = urllib.request.build_opener(NoRedirect)

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "oidc_provider_mock", "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": os.environ["PATH"]},
            )
        deadline = time.monotonic() + 30
        while True:
            must(self.process.poll() is None and time.monotonic() < deadline, "the issuer does not start")
            try:
                return json.load(urllib.request.urlopen(f"{self.url}/.well-known/openid-configuration", timeout=2))
            except OSError:
                time.sleep(0.1)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def post(self, place, fields):
        body = urllib.parse.urlencode(fields).encode()
        try:
            return self.browser.open(urllib.request.Request(f"{self.url}{place}", body), timeout=10)
        except urllib.error.HTTPError as answer:
            if answer.code == 302:
                return answer
            raise

    def token(self, subject, client=CLIENT):
        """Signs somebody in as a browser would; gives the ID token."""
        query = {"client_id": client, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
        answer = self.post(f"/oauth2/authorize?{urllib.parse.urlencode(query)}", {"sub": subject})
        place = urllib.parse.urlparse(answer.headers["location"])
        code = urllib.parse.parse_qs(place.query)["code"][0]
        fields = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "client_id": client, "client_secret": "any",
        }
        return json.load(self.post("/oauth2/token", fields))["id_token"]


def part(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read(token):
    head, claims, _ = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) for text in (head, claims)]


def main():
    binary, python = sys.argv[1:]
    with house(binary) as home:
        home.furnish()
        issuer = Issuer(python, home.folder)
        try:
            tried(home, issuer)
        finally:
            issuer.stop()


def tried(home, issuer):
    issuer.start()
    trusted = f'[{{issuer="{issuer.url}", audience="{CLIENT}", claim="sub"}}]'
    server = home.server(PAKN_GRPC__ISSUERS=trusted)
    server.start()
    channel = grpc.insecure_channel(server.address)
    stub = casework_pb2_grpc.CaseworkServiceStub(channel)
    steps = 0

    def ends(token, wanted, what):
        nonlocal steps
        try:
            stub.ListPetitions(casework.ListPetitionsRequest(), metadata=bearer(token), timeout=20)
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = error.code()
        must(code == wanted, f"{what}: wanted {wanted.name}, got {code.name}")
        steps += 1
        print(f"{steps:2}  {what}: {code.name}")

    ok, nobody, away = grpc.StatusCode.OK, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE
    first = issuer.token("dispatcher")
    head, claims = read(first)
    ends(first, ok, f"a token ({head['alg']}, key {'named' if 'kid' in head else 'not named'})")
    ends(issuer.token("portal"), grpc.StatusCode.PERMISSION_DENIED, "an account without the role")
    ends(issuer.token("stranger"), nobody, "a login that is no account")
    ends(issuer.token("dispatcher", "another"), nobody, "for another audience")
    _, body, signature = first.split(".")
    ends(f"{part(json.dumps({'alg': 'none'}))}.{body}.", nobody, "algorithm none")
    forged = part(json.dumps({**claims, "sub": "admin"}))
    ends(f"{first.split('.')[0]}.{forged}.{signature}", nobody, "claims that were changed")

    issuer.stop()
    ends(first, ok, "the issuer is away, and its key is known")
    issuer.start()
    second = issuer.token("dispatcher")
    ends(second, ok, "the issuer is back with another key")
    ends(first, nobody, "a token by the key that it had")

    issuer.stop()
    server.stop()
    server.start()
    ends(home.token("dispatcher"), ok, "started without the issuer: a token of our own")
    ends(second, away, "started without the issuer: a token of its")
    issuer.start()
    ends(issuer.token("dispatcher"), ok, "the issuer is back")
    server.stop()
    must("eyJ" not in server.log.read_text(errors="replace"), "a token stands in the log")
    print("every token was taken or refused as it should be")


if __name__ == "__main__":
    try:
        main()
    except Violation as violation:
        sys.exit(f"oidc: {violation}")
