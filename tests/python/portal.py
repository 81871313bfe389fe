"""The contract from another language: `portal.py target/debug/pakn`.

Starts a server on a temporary SQLite database and walks one petition through its whole life with nothing but the
contract in proto/ and the public gRPC packages: as the portal, as the units, as the public, as the supervisor.
Prints a line for each step; ends with 1 at the first that does not hold.
"""

import datetime
import email
import email.policy
import json
import os
import re
import subprocess
import sys
import time
import uuid
import zoneinfo

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from pakn.v1 import (
    casework_pb2 as casework, casework_pb2_grpc, deadline_pb2 as deadline, deadline_pb2_grpc, delivery_pb2, directory_pb2, intake_pb2 as intake, intake_pb2_grpc,
    petition_pb2 as words, public_pb2 as public, public_pb2_grpc, publication_pb2 as publication, publication_pb2_grpc,
    supervision_pb2 as supervision, supervision_pb2_grpc,
)

from running import ROOT, Violation, bearer, house, must

CONTRACT = (casework, deadline, delivery_pb2, directory_pb2, intake, public, publication, supervision)
TITLE = "Thu thêm phí khi đổi SIM 4G sang SIM 5G"
CONTENT = "Ngày 15 tháng này, cửa hàng thu của tôi 25.000 đồng tiền đổi SIM, trong khi biểu giá niêm yết ghi miễn phí."
ANSWER = "Cục Viễn thông đã làm việc với doanh nghiệp.\nKhoản thu không đúng biểu giá đã được hoàn lại cho khách hàng."
steps = 0


def step(text):
    global steps
    steps += 1
    print(f"{steps:2}  {text}")


def refused(code, call, *arguments, **options):
    """The details of the status that the call must end with, by the name of their type."""
    try:
        answer = call(*arguments, timeout=20, **options)
    except grpc.RpcError as error:
        must(error.code() == code, f"wanted {code.name}, got {error.code().name}: {error.details()}")
        status = rpc_status.from_call(error)
        found = {}
        for detail in status.details if status else ():
            kind = getattr(error_details_pb2, detail.type_url.rsplit(".", 1)[-1])
            found[kind.DESCRIPTOR.name] = message = kind()
            must(detail.Unpack(message), f"a detail that is not what it says it is: {detail.type_url}")
        return found
    raise Violation(f"wanted {code.name}, got the answer {answer}")


class Portal:
    """Every service, with the tokens of those who call it."""

    LOGINS = ("portal", "dispatcher", "cuc-vt-handler", "cuc-vt-approver", "supervisor")

    def __init__(self, tokens, channel):
        self.tokens = tokens
        self.intake = intake_pb2_grpc.IntakeServiceStub(channel)
        self.casework = casework_pb2_grpc.CaseworkServiceStub(channel)
        self.publication = publication_pb2_grpc.PublicationServiceStub(channel)
        self.public = public_pb2_grpc.PublicServiceStub(channel)
        self.deadline = deadline_pb2_grpc.DeadlineServiceStub(channel)
        self.supervision = supervision_pb2_grpc.SupervisionServiceStub(channel)

    def as_(self, login):
        return {"metadata": self.tokens[login], "timeout": 20}


def submission():
    return intake.SubmitPetitionRequest(
        request_id=str(uuid.uuid4()), kind=words.PETITION_KIND_FEEDBACK, channel=words.CHANNEL_PORTAL, title=TITLE,
        content=CONTENT, portal_subject="user-17",
        petitioner=intake.Petitioner(
            type=words.PETITIONER_TYPE_INDIVIDUAL, name="Nguyễn Thị Bình", email="binh@example.com"
        ),
    )


def target(code, version=0):
    return words.Target(code=code, version=version, request_id=str(uuid.uuid4()))


def looks_around(channel):
    status = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=20).status
    must(status == health_pb2.HealthCheckResponse.SERVING, f"health is {status}")
    step("health: SERVING")

    database = ProtoReflectionDescriptorDatabase(channel)
    listed = set(database.get_services())
    wanted = {service.full_name for file in CONTRACT for service in file.DESCRIPTOR.services_by_name.values()}
    must(wanted <= listed, f"reflection does not list {wanted - listed}")
    file = database.FindFileContainingSymbol("pakn.v1.IntakeService")
    methods = {method.name for service in file.service for method in service.method}
    must("SubmitPetition" in methods, f"reflection describes IntakeService as {methods}")
    step(f"reflection: {len(wanted)} services of the contract among the {len(listed)} listed, IntakeService described")


def submits(portal):
    first = submission()
    taken_in = portal.intake.SubmitPetition(first, **portal.as_("portal"))
    must(taken_in.code.startswith("PAKN.") and len(taken_in.code) == 22, f"a strange code: {taken_in.code}")
    must(len(taken_in.access_key) == 16, "the access key is not 16 characters")
    step(f"submitted: {taken_in.code}, answer due {taken_in.answer_due.date}")

    again = portal.intake.SubmitPetition(first, **portal.as_("portal"))
    must(again == taken_in, f"the same request id gave {again} instead of {taken_in}")
    step("the same request id again: the same code, key and dates")

    first.content += " Mong cơ quan kiểm tra."
    refused(grpc.StatusCode.ALREADY_EXISTS, portal.intake.SubmitPetition, first, metadata=portal.tokens["portal"])
    step("the same request id with other content: ALREADY_EXISTS")
    return taken_in


def submits_nonsense(portal):
    bad = submission()
    bad.kind, bad.title, bad.content, bad.petitioner.email = words.PETITION_KIND_UNSPECIFIED, "", "ngắn", "not an address"
    call, token = portal.intake.SubmitPetition, portal.tokens["portal"]
    details = refused(grpc.StatusCode.INVALID_ARGUMENT, call, bad, metadata=token)
    must("BadRequest" in details, f"INVALID_ARGUMENT without BadRequest: {details}")
    violations = {violation.field: violation.description for violation in details["BadRequest"].field_violations}
    wanted = {"kind", "title", "content", "petitioner.email"}
    must(set(violations) == wanted, f"BadRequest names {violations}, wanted {wanted}")
    must(all(violations.values()), f"a violation without a word: {violations}")
    step(f"four bad fields at once: INVALID_ARGUMENT with BadRequest for {', '.join(sorted(violations))}")

    refused(grpc.StatusCode.UNAUTHENTICATED, call, submission())
    refused(grpc.StatusCode.UNAUTHENTICATED, call, submission(), metadata=bearer("nobody-gave-this-token"))
    details = refused(grpc.StatusCode.PERMISSION_DENIED, call, submission(), metadata=portal.tokens["supervisor"])
    must("ErrorInfo" in details and details["ErrorInfo"].reason, f"PERMISSION_DENIED without ErrorInfo: {details}")
    step("no token, a wrong token, the supervisor's token: UNAUTHENTICATED twice, PERMISSION_DENIED")


def track(portal, code, **proof):
    request = intake.TrackPetitionRequest(code=code, proof=intake.Proof(**proof) if proof else None)
    return portal.intake.TrackPetition(request, **portal.as_("portal"))


def tracks(portal, taken_in):
    code, key = taken_in.code, taken_in.access_key
    broad = track(portal, code)
    must(broad.code == code and broad.state == words.PETITION_STATE_SUBMITTED, f"tracking shows {broad}")
    must(broad.answer_due == taken_in.answer_due, "tracking shows another due date than the receipt")
    must(not broad.HasField("details"), "details without proof")
    step("tracked by its code: SUBMITTED, the due date, no details")

    spaced = f" {key[:8].lower()}-{key[8:].lower()} "
    for proof in ({"access_key": key}, {"access_key": spaced}, {"portal_subject": "user-17"}):
        details = track(portal, code.lower(), **proof).details
        must((details.title, details.content) == (TITLE, CONTENT), f"{proof} shows {details}")
    step("tracked with the key, the key as people type it, the portal's user: what was written, letter for letter")

    call, token = portal.intake.TrackPetition, portal.tokens["portal"]
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    for request in (
        intake.TrackPetitionRequest(code=code, proof=intake.Proof(access_key=other)),
        intake.TrackPetitionRequest(code=code, proof=intake.Proof(portal_subject="user-18")),
        intake.TrackPetitionRequest(code="PAKN.20260101.00000000"),
    ):
        refused(grpc.StatusCode.NOT_FOUND, call, request, metadata=token)
    step("a wrong key, another user, an unknown code: NOT_FOUND")


def explains(portal, code):
    request = casework.ExplainDeadlineRequest(code=code)
    explained = portal.casework.ExplainDeadline(request, **portal.as_("cuc-vt-handler"))
    answer = next(clock.explanation for clock in explained.clocks if clock.clock == deadline.CLOCK_ANSWER)
    days = answer.spans[0].days
    counted = [day for day in days if day.mark == deadline.DAY_MARK_COUNTED]
    must(len(counted) == answer.spans[0].span.amount == 15, f"{len(counted)} days counted for legal documents")
    must(days[-1].date == answer.due.date, f"the days end on {days[-1].date}, the due date is {answer.due.date}")
    starts = {entry.clock for entry in explained.ledger if entry.step == deadline.CLOCK_STEP_START}
    must({deadline.CLOCK_INTAKE, deadline.CLOCK_FORWARD, deadline.CLOCK_ANSWER} <= starts, f"started: {starts}")
    had = [(custody.unit, custody.HasField("until")) for custody in explained.custody]
    must(had == [("BTTTT-VP", True), ("CUC-VT", False)], f"custody: {had}")
    must(explained.custody[0].until == explained.custody[1].since, "a gap in custody")
    received = datetime.datetime(2026, 2, 13, 9, tzinfo=zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh"))
    question = deadline.ComputeDeadlineRequest(
        span=deadline.Span(amount=5, unit=deadline.TIME_UNIT_WORKING_DAY),
    )
    getattr(question, "from").FromDatetime(received)
    due = portal.deadline.ComputeDeadline(question, **portal.as_("cuc-vt-handler")).explanation.due
    must(due.date == "2026-02-27", f"five working days over Tết end on {due.date}")
    step(f"the due date {answer.due.date} explains itself in {len(days)} days; a what-if question over Tết too")


def dispatches(portal, code):
    request = casework.AcceptPetitionRequest(
        target=target(code), subject_class=words.SUBJECT_CLASS_REGULATION, field="TELECOM-CHARGES",
        assignment=casework.Assignment(unit="CUC-VT"),
    )
    outcome = portal.casework.AcceptPetition(request, **portal.as_("dispatcher")).outcome
    must(outcome.state == words.PETITION_STATE_ASSIGNED, f"accepted and assigned leads to {outcome}")
    register = outcome.register_number.split("/")
    must((register[0], register[-1]) == ("1", "BTTTT-VP"), f"register number {outcome.register_number}")
    again = portal.casework.AcceptPetition(request, **portal.as_("dispatcher")).outcome
    must(again == outcome, f"the same request id gave {again} instead of {outcome}")
    step(f"accepted and assigned to CUC-VT as {outcome.register_number}; sent again: the same outcome")

    call, token = portal.casework.AcceptPetition, portal.tokens["dispatcher"]
    request.target.CopyFrom(target(code))
    details = refused(grpc.StatusCode.FAILED_PRECONDITION, call, request, metadata=token)
    must("ErrorInfo" in details and details["ErrorInfo"].reason, f"FAILED_PRECONDITION without ErrorInfo: {details}")
    reason = details["ErrorInfo"].reason
    request.target.version = outcome.version - 1 or 99
    details = refused(grpc.StatusCode.ABORTED, call, request, metadata=token)
    must("ErrorInfo" in details, f"ABORTED without ErrorInfo: {details}")
    metadata = dict(details["ErrorInfo"].metadata)
    must(str(outcome.version) in metadata.values(), f"ABORTED does not tell the version: {metadata}")
    step(f"accepted once more: FAILED_PRECONDITION {reason}; with a stale version: ABORTED {metadata}")


def answers(portal, code):
    work = portal.casework
    draft = casework.SaveDraftRequest(target=target(code), text=ANSWER, based_on_revision=0)
    saved = work.SaveDraft(draft, **portal.as_("cuc-vt-handler"))
    must(saved.revision == 1 and saved.outcome.state == words.PETITION_STATE_IN_PROGRESS, f"a draft gave {saved}")
    submitted = work.SubmitDraft(
        casework.SubmitDraftRequest(
            target=target(code, saved.outcome.version), outcome_kind=words.OUTCOME_KIND_EXPLAINED
        ),
        **portal.as_("cuc-vt-handler"),
    ).outcome
    must(submitted.state == words.PETITION_STATE_AWAITING_APPROVAL, f"submitting a draft gave {submitted}")
    step("the handler saved a draft and submitted it: AWAITING_APPROVAL")

    approval = casework.ApproveAnswerRequest(target=target(code), capacity=words.CAPACITY_HEAD)
    refused(grpc.StatusCode.PERMISSION_DENIED, work.ApproveAnswer, approval, metadata=portal.tokens["cuc-vt-handler"])
    approved = work.ApproveAnswer(approval, **portal.as_("cuc-vt-approver"))
    must(approved.outcome.state == words.PETITION_STATE_ANSWERED, f"approving gave {approved}")
    must(approved.verdict == words.VERDICT_EARLY, f"answered on the first day, verdict {approved.verdict}")
    step("the handler may not approve; the approver did: ANSWERED, EARLY")


def reads_the_answer(portal, taken_in):
    shown = track(portal, taken_in.code, access_key=taken_in.access_key)
    must(shown.state == words.PETITION_STATE_ANSWERED, f"tracking shows {shown.state}")
    must(shown.details.answer == ANSWER, f"the petitioner reads {shown.details.answer!r}")
    must(shown.details.outcome == words.OUTCOME_KIND_EXPLAINED, f"the petitioner reads {shown.details.outcome}")
    broad = track(portal, taken_in.code)
    must(broad.state == words.PETITION_STATE_ANSWERED and not broad.HasField("details"), f"without proof: {broad}")
    step("the petitioner reads the answer with the key; without, only that there is one")


def publishes(portal, code):
    token = portal.as_("dispatcher")
    copy = publication.Redaction(title="Phí đổi SIM", question="Cửa hàng thu phí đổi SIM ngoài biểu giá.", answer=ANSWER)
    saved = portal.publication.SaveRedaction(
        publication.SaveRedactionRequest(target=target(code), redaction=copy), **token
    )
    search = public.SearchPublicationsRequest(text="phi doi sim", field="TELECOM")
    before = portal.public.SearchPublications(search, timeout=20).publications
    must(not before, f"public before anybody published it: {before}")
    published = portal.publication.PublishPetition(
        publication.PublishPetitionRequest(target=target(code), revision=saved.revision), **token
    )
    step(f"a redacted copy was saved, not public; then published as {published.publication_id}")

    found = portal.public.SearchPublications(search, timeout=20).publications
    must([line.id for line in found] == [published.publication_id], f"the public record holds {found}")
    read = portal.public.GetPublication(public.GetPublicationRequest(id=published.publication_id), timeout=20)
    must((read.question, read.answer) == (copy.question, copy.answer), f"the public reads {read}")
    everything = json_format.MessageToJson(read, ensure_ascii=False)
    for secret in (code, code.split(".")[2], CONTENT, "Bình", "binh@example.com"):
        must(secret not in everything, f"the public record shows {secret!r}")
    step("found without diacritics and read without a token; neither code nor sender nor original text in it")


def counts(portal, home, server):
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")).date()
    # A day to either side, so that midnight during the trial does not matter.
    start, end = today - datetime.timedelta(days=1), today + datetime.timedelta(days=2)
    request = supervision.GetOnTimeReportRequest(**{"from": start.isoformat(), "to": end.isoformat()})
    report = portal.supervision.GetOnTimeReport(request, **portal.as_("supervisor"))
    figures = report.total.with_children
    got = {name: getattr(figures, name) for name in ("received", "regulation", "handled", "early", "pending", "published")}
    wanted = {"received": 1, "regulation": 1, "handled": 1, "early": 1, "pending": 0, "published": 1}
    must(got == wanted, f"the report counts {got}, wanted {wanted}")
    must((figures.rate_numerator, figures.rate_denominator) == (1, 1), "the rate is not 1 of 1")
    units = {row.unit: row.own.handled for row in report.rows}
    must(units.get("CUC-VT") == 1, f"the answer does not count for CUC-VT: {units}")
    step("the on-time report over gRPC: 1 received, 1 handled, early, 1 published, for CUC-VT")

    token = portal.tokens["supervisor"][0][1].removeprefix("Bearer ")
    printed = home.run(
        "report", "on-time", "--from", start.isoformat(), "--to", end.isoformat(), "--format", "json",
        settings={"PAKN_SERVER": f"http://{server.address}", "PAKN_TOKEN": token},
    )
    total = json.loads(printed)["total"]
    total = total.get("with_children", total)
    got = {name: int(total[name]) for name in ("received", "handled", "published")}
    must(got == {"received": 1, "handled": 1, "published": 1}, f"`pakn report on-time` prints {got}")
    step("`pakn report on-time --format json` prints the same")


def arrives(home):
    """The four letters, as a mail program reads them."""
    wanted = {"binh@example.com": 3, "cucvienthong@mic.example": 1}
    deadline = time.monotonic() + 30
    while True:
        files = list((home.data / "letters").glob("*.eml"))
        if len(files) >= 4 or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    letters = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    got = {}
    for letter in letters:
        to = letter["To"].addresses[0].addr_spec
        got[to] = got.get(to, 0) + 1
    must(got == wanted, f"letters went to {got}, wanted {wanted}")
    # CRLF in a mail is a line end like any other.
    bodies = [letter.get_body(("plain",)).get_content().replace("\r\n", "\n") for letter in letters]
    must(sum(ANSWER in body for body in bodies) == 1, "not exactly one letter carries the answer as it was approved")
    step("four letters: receipt, acceptance and answer to the petitioner, the case to the unit; the answer unaltered")


def follows_the_readme(portal, home, server, token):
    """The lines of Python that README.md gives to those who build a portal, run as they stand there."""
    program = re.search(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)[1]
    must("127.0.0.1:50051" in program, "README.md calls another server than `pakn demo` starts")
    file = home.folder / "submit.py"
    file.write_text(program.replace("127.0.0.1:50051", server.address), "utf-8")
    environment = {**os.environ, "PAKN_TOKEN_portal": token}
    ran = subprocess.run([sys.executable, file], env=environment, capture_output=True, text=True, timeout=60)
    must(ran.returncode == 0, f"README.md's program failed: {ran.stderr}")
    code, access_key = ran.stdout.split()[:2]
    own = intake.TrackPetitionRequest(code=code, proof=intake.Proof(access_key=access_key))
    title = portal.intake.TrackPetition(own, **portal.as_("portal")).details.title
    must(title and title in program, f"README.md's program submitted {title!r}")
    step(f"README.md's program submits: {ran.stdout.strip()}")


def main(binary):
    with house(binary) as home:
        home.furnish()
        secrets = {login: home.token(login) for login in Portal.LOGINS}
        tokens = {login: bearer(secret) for login, secret in secrets.items()}
        server = home.server()
        server.start()
        with grpc.insecure_channel(server.address) as channel:
            looks_around(channel)
            portal = Portal(tokens, channel)
            taken_in = submits(portal)
            submits_nonsense(portal)
            tracks(portal, taken_in)
            dispatches(portal, taken_in.code)
            explains(portal, taken_in.code)
            answers(portal, taken_in.code)
            reads_the_answer(portal, taken_in)
            publishes(portal, taken_in.code)
            counts(portal, home, server)
            arrives(home)
            follows_the_readme(portal, home, server, secrets["portal"])
        server.stop()
        step("SIGTERM: the server ended with 0")
        home.run("audit", "verify")
        step("`pakn audit verify`: the trail is whole")
    print(f"{steps} steps passed, 0 failed")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except (Violation, grpc.RpcError) as problem:
        sys.exit(f"FAILED after step {steps}: {problem}")
