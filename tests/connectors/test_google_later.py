"""What nobody needs who logs in as a person is not imported, and is there all the same for whoever does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BUILT = """from pathlib import Path
import sys
from connectors.google import Google
from connectors._google.wire import wires_of
wire = wires_of(Google().kept_in(Path(sys.argv[1])), "home").calendar
wire._http, wire._service
print(*sys.modules)
from google.auth import crypt, iam, jwt
import httplib2
print(jwt.encode, crypt.RSASigner, iam.Signer, httplib2.auth._parse_authentication_info)
print(type(sys.modules["google.auth.crypt"]), *sys.modules)
import asyncio, charset_normalizer, requests
answer = requests.Response()
answer._content = "Grüße aus Köln".encode()
print(answer.apparent_encoding, asyncio.run(asyncio.sleep(0, "slept")))
print(charset_normalizer.md, asyncio.events, *sys.modules)"""
GUESSED = {"asyncio.events", "charset_normalizer.api"}


def test_a_wire_is_made_without_cryptography(tmp_path: Path) -> None:
    """No code for signatures, no grammar for httplib2's logins, no guesses at encodings; asked for, all are real."""
    ran = subprocess.run([sys.executable, "-c", BUILT, str(tmp_path)], capture_output=True, text=True, check=True)
    before, asked, after, used, last = ran.stdout.splitlines()
    assert {"googleapiclient.discovery", "google.auth.transport.requests"} <= set(before.split())
    assert not {"cryptography", "pyparsing", *GUESSED} & set(before.split())
    assert "RSASigner" in asked
    assert {"cryptography", "pyparsing"} <= set(after.split())
    assert "<class 'module'>" in after
    assert used.split() == ["utf-8", "slept"]
    assert set(last.split()) >= GUESSED
