"""Callers that submit petitions and accept part of them, and keep account of everything they were promised."""

import asyncio
import collections
import dataclasses
import random
import uuid

import grpc
from pakn.v1 import casework_pb2 as casework, casework_pb2_grpc, intake_pb2 as intake, intake_pb2_grpc, petition_pb2 as words

from running import Violation, bearer, must

# What a caller may be told when the server dies under it; the last two are what gRPC makes of a broken line.
# ABORTED or RESOURCE_EXHAUSTED would be honest too, but these loads give no reason for them.
LOST = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN}
UNITS = ("", "CUC-VT", "", "CUC-ATTT", "", "VU-BC", "", "CUC-BC")


@dataclasses.dataclass
class Case:
    """One petition: what was asked for, and what was acknowledged."""

    submission: intake.SubmitPetitionRequest
    code: str = ""
    key: str = ""
    acceptance: casework.AcceptPetitionRequest | None = None
    register: str = ""

    @property
    def whole(self):
        return self.code and (self.acceptance is None or self.register)


class Line:
    """A connection to one server."""

    # Retries by the library would hide what the callers are told.
    OPTIONS = (
        ("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 20), ("grpc.min_reconnect_backoff_ms", 20),
        ("grpc.max_reconnect_backoff_ms", 200), ("grpc.enable_retries", 0),
    )

    def __init__(self, address):
        self.address = address
        self.channel = grpc.aio.insecure_channel(address, options=self.OPTIONS)
        self.intake = intake_pb2_grpc.IntakeServiceStub(self.channel)
        self.casework = casework_pb2_grpc.CaseworkServiceStub(self.channel)


class Load:
    """The callers, together. Each case goes on until it is whole, or is left for `settle` when its server dies."""

    def __init__(self, addresses, tokens, seed, accept=0.6, leave=0.5):
        self.portal, self.dispatcher = bearer(tokens["portal"]), bearer(tokens["dispatcher"])
        self.addresses, self.accept, self.leave = addresses, accept, leave
        self.random = random.Random(seed)
        self.cases, self.in_flight, self.acknowledged = [], 0, 0
        self.told = collections.Counter()
        self.wanted = None  # How many cases to make; None means until `stop`.
        self.stopped = False

    async def run(self, callers):
        self.lines = opened = [Line(address) for address in self.addresses for _ in range(2)]
        try:
            await asyncio.gather(*(self.caller(number) for number in range(callers)))
        finally:
            for line in opened:
                await line.channel.close()

    def give_up(self, address):
        """Callers of a server that is gone for good turn to the others."""
        self.lines = [line for line in self.lines if line.address != address]

    def stop(self):
        self.stopped = True

    async def caller(self, number):
        while not self.stopped and (self.wanted is None or len(self.cases) < self.wanted):
            case = self.new_case()
            self.cases.append(case)
            # With two servers, both work on the same petition by turns.
            while not await self.carry_on(case, number + len(self.cases)):
                if self.random.random() < self.leave:
                    break
                number += 1

    def new_case(self):
        request = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        acceptance = None
        if self.random.random() < self.accept:
            unit = self.random.choice(UNITS)
            acceptance = casework.AcceptPetitionRequest(
                target=words.Target(request_id=str(uuid.UUID(int=self.random.getrandbits(128), version=4))),
                subject_class=words.SUBJECT_CLASS_OTHER, field="OTHER",
                assignment=casework.Assignment(unit=unit) if unit else None,
            )
        submission = intake.SubmitPetitionRequest(
            # The title carries the request id, so that a petition taken in twice shows whatever the service thinks.
            request_id=request, kind=words.PETITION_KIND_FEEDBACK, channel=words.CHANNEL_PORTAL, title=f"Trial {request}",
            content="Nội dung thử tải: phản ánh về chất lượng dịch vụ viễn thông tại địa phương.",
            petitioner=intake.Petitioner(
                type=words.PETITIONER_TYPE_INDIVIDUAL, name="Nguyễn Văn Thử", email=f"{request}@example.com"
            ),
        )
        return Case(submission, acceptance=acceptance)

    async def carry_on(self, case, turn):
        """Asks for what is missing; False when the answer did not come."""
        try:
            if not case.code:
                answer = await self.ask(self.lines[turn % len(self.lines)].intake.SubmitPetition, case.submission, self.portal)
                case.code, case.key = answer.code, answer.access_key
                if case.acceptance:
                    case.acceptance.target.code = case.code
            if case.acceptance and not case.register:
                line = self.lines[(turn + 1 + len(self.lines) // 2) % len(self.lines)]
                answer = await self.ask(line.casework.AcceptPetition, case.acceptance, self.dispatcher)
                case.register = answer.outcome.register_number
                must(case.register, f"{case.code} was accepted without a register number")
            return True
        except grpc.aio.AioRpcError as error:
            self.told[error.code().name] += 1
            if error.code() not in LOST:
                raise Violation(f"{error.code().name} under load: {error.details()}") from None
            return False

    async def ask(self, call, request, token):
        self.in_flight += 1
        try:
            answer = await call(request, metadata=token, timeout=30, wait_for_ready=True)
            self.acknowledged += 1
            return answer
        finally:
            self.in_flight -= 1

    async def settle(self, sample=100):
        """Sends again what was never acknowledged, and part of what was: every answer must be the first one."""
        self.lines = [Line(address) for address in self.addresses]
        try:
            left = [case for case in self.cases if not case.whole]
            again = self.random.sample(self.cases, min(sample, len(self.cases)))
            for turn, case in enumerate(left):
                must(await self.carry_on(case, turn), "the server does not answer after the trial")
            for turn, case in enumerate(again):
                copy = Case(case.submission, acceptance=case.acceptance)
                must(await self.carry_on(copy, turn), "the server does not answer after the trial")
                got, wanted = (copy.code, copy.key, copy.register), (case.code, case.key, case.register)
                must(got == wanted, f"sent again, a request was answered {got} instead of {wanted}")
            return len(left), len(again)
        finally:
            for line in self.lines:
                await line.channel.close()
