"""Compares the letters in a maildir with what was to be sent: `mail-trial-read.py EXPECTED_FOLDER MAILDIR_NEW`."""

import email.policy
import email.utils
import json
import pathlib
import sys
import time

expected_folder, mailbox = map(pathlib.Path, sys.argv[1:3])
expected = [json.loads(file.read_text()) for file in sorted(expected_folder.iterdir())]

# Delivery from the queue takes a moment.
deadline = time.monotonic() + 30
while True:
    files = list(mailbox.iterdir()) if mailbox.exists() else []
    if len(files) >= len(expected) or time.monotonic() > deadline:
        break
    time.sleep(0.2)

arrived = {}
for file in files:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Message-ID"] not in arrived, "arrived twice"
    arrived[message["Message-ID"]] = message
assert expected, "nothing was to arrive"
assert len(arrived) == len(expected), f"{len(arrived)} of {len(expected)} arrived"

for letter in expected:
    message = arrived[letter["message_id"]]
    equal = [
        (message["Subject"], letter["subject"]),
        (message["In-Reply-To"], letter["in_reply_to"]),
        ((message["References"] or "").split(), letter["references"]),
        (message["Auto-Submitted"], "auto-generated"),
        (message["X-Auto-Response-Suppress"], "All"),
        (message["Content-Language"], letter["language"]),
        (message["From"].addresses[0].display_name, "Bộ Thông tin và Truyền thông"),
        (message["From"].addresses[0].addr_spec, "pakn@mic.gov.vn"),
        (message["Reply-To"].addresses[0].addr_spec, "hoidap@mic.gov.vn"),
        (len(message["To"].addresses), 1),
        (message["To"].addresses[0].addr_spec, "letters@trial.invalid"),
        (message["To"].addresses[0].display_name, letter["to_name"]),
        (message.get_content_type(), "multipart/alternative"),
        ([part.get_content_type() for part in message.iter_parts()], ["text/plain", "text/html"]),
        # As it stands in the mailbox, whose line ends are the system's.
        (message.get_body(("plain",)).get_content(), letter["text"]),
        (message.get_body(("html",)).get_content(), letter["html"]),
        (message.defects, []),
        ([part.defects for part in message.iter_parts()], [[], []]),
    ]
    for got, wanted in equal:
        assert got == wanted, f"{letter['subject']}: {got!r} is not {wanted!r}"
    assert abs(email.utils.parsedate_to_datetime(message["Date"]).timestamp() - time.time()) < 600
    if letter["passes_on"] is not None:
        assert letter["passes_on"] in message.get_body(("plain",)).get_content()
print(f"{len(expected)} letters read back")
