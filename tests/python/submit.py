"""A portal submits a petition: PAKN_SERVER is `host:port`, PAKN_TOKEN the token of an account with the portal role."""

import os
import uuid

import grpc
from pakn.v1 import intake_pb2 as intake, intake_pb2_grpc, petition_pb2 as words

with grpc.insecure_channel(os.environ["PAKN_SERVER"].removeprefix("http://")) as channel:
    petition = intake.SubmitPetitionRequest(
        request_id=str(uuid.uuid4()),  # keep it, and send it again if no answer came: nothing is submitted twice
        kind=words.PETITION_KIND_FEEDBACK,
        channel=words.CHANNEL_PORTAL,
        title="Sóng di động chập chờn tại xã Tân Lập",
        content="Từ đầu tháng, điện thoại tại xã thường xuyên mất sóng vào buổi tối.",
        petitioner=intake.Petitioner(type=words.PETITIONER_TYPE_INDIVIDUAL, name="Nguyễn Văn An", email="an@example.com"),
    )
    token = [("authorization", "Bearer " + os.environ["PAKN_TOKEN"])]
    taken_in = intake_pb2_grpc.IntakeServiceStub(channel).SubmitPetition(petition, metadata=token, timeout=10)
    print(taken_in.code, taken_in.access_key, "answer due", taken_in.answer_due.date)
