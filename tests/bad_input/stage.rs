//! Valid requests: for each RPC one that succeeds, with every field filled, on a petition brought to where it fits.

use pakn::pb;
use prost::Message;
use prost_types::Timestamp;

use super::{
    identity,
    server::{ALL, NOW, SECOND, Server},
    time,
};

/// A valid UUID that was not used before.
pub fn fresh_id() -> String {
    uuid::Builder::from_random_bytes(pakn::app::secure_bytes()).into_uuid().to_string()
}

pub fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), version: 0, request_id: fresh_id() })
}

pub fn proof() -> Option<pb::Proof> {
    Some(pb::Proof { access_key: String::new(), portal_subject: "user-1".to_owned() })
}

fn assignment() -> Option<pb::Assignment> {
    Some(pb::Assignment {
        unit: "CUC-VT-DV".to_owned(),
        co_handling_units: vec!["CUC-TS".to_owned()],
        handler: "cuc-vt-dv-handler".to_owned(),
    })
}

/// A submission with every field filled.
pub fn submission() -> pb::SubmitPetitionRequest {
    pb::SubmitPetitionRequest {
        request_id: fresh_id(),
        kind: pb::PetitionKind::Proposal.into(),
        subject_class: pb::SubjectClass::Other.into(),
        field: "TELECOM".to_owned(),
        channel: pb::Channel::Hotline.into(),
        title: "Mất sóng di động".to_owned(),
        content: "Khu vực thường xuyên mất sóng vào buổi tối.".to_owned(),
        proposal: "Đề nghị lắp thêm trạm.".to_owned(),
        place: "00001".to_owned(),
        requested_body: "Cục Viễn thông".to_owned(),
        procedure_number: "1.004379".to_owned(),
        dossier_number: "000.00.01".to_owned(),
        enclosures: "Hai ảnh".to_owned(),
        petitioner: Some(pb::Petitioner {
            r#type: pb::PetitionerType::Individual.into(),
            name: "Nguyễn Văn An".to_owned(),
            email: "an@dan.example".to_owned(),
            phone: "0912 345 678".to_owned(),
            address: "Số 1, phố Huế".to_owned(),
            representative: "Trần Thị Bình".to_owned(),
            signatories: 3,
        }),
        medium: pb::Medium::Email.into(),
        language: pb::Language::Vi.into(),
        consents: vec![pb::Consent { purpose: "SHARE_CONTACT".to_owned(), text: "Tôi đồng ý.".to_owned() }],
        portal_subject: "user-1".to_owned(),
        received_at: Some(Timestamp { seconds: NOW - 3_600, nanos: 0 }),
        focal_unit: "BTTTT-VP".to_owned(),
    }
}

fn redaction() -> Option<pb::Redaction> {
    Some(pb::Redaction {
        title: "Mất sóng di động".to_owned(),
        question: "Một khu vực thường xuyên mất sóng.".to_owned(),
        answer: "Nhà mạng đã lắp thêm một trạm.".to_owned(),
    })
}

impl Server {
    pub async fn done(&self, login: &str, path: &str, message: &impl Message) -> Vec<u8> {
        let answer = self.send(login, path, message.encode_to_vec()).await;
        answer.unwrap_or_else(|status| panic!("setting the stage: {path}: {status:?}"))
    }

    /// A petition brought to a state by the shortest way; its code.
    pub async fn petition(&self, state: pb::PetitionState) -> String {
        use pb::PetitionState as S;
        let submitted = self.done(ALL, "IntakeService/SubmitPetition", &submission()).await;
        let pb::SubmitPetitionResponse { code, access_key, .. } =
            pb::SubmitPetitionResponse::decode(submitted.as_slice()).unwrap();
        self.keys.lock().unwrap().push((code.clone(), access_key));
        let target = || target(&code);
        if state == S::Submitted {
            return code;
        }
        if state == S::NeedsInformation {
            let ask =
                pb::RequestInformationRequest { target: target(), question: "Ở đâu?".to_owned(), reply_days: 5 };
            self.done(ALL, "CaseworkService/RequestInformation", &ask).await;
            return code;
        }
        let accept = pb::AcceptPetitionRequest { target: target(), ..Default::default() };
        self.done(ALL, "CaseworkService/AcceptPetition", &accept).await;
        if state == S::Accepted {
            return code;
        }
        let assign = pb::AssignPetitionRequest { target: target(), assignment: assignment(), reason: String::new() };
        self.done(ALL, "CaseworkService/AssignPetition", &assign).await;
        if state == S::Assigned {
            return code;
        }
        let text = "Cục đã yêu cầu nhà mạng lắp thêm trạm.".to_owned();
        let draft = pb::SaveDraftRequest { target: target(), text, based_on_revision: Some(0) };
        self.done(SECOND, "CaseworkService/SaveDraft", &draft).await;
        if state == S::InProgress {
            return code;
        }
        let outcome_kind = pb::OutcomeKind::Explained.into();
        let submit = pb::SubmitDraftRequest { target: target(), outcome_kind, finding: 0 };
        self.done(SECOND, "CaseworkService/SubmitDraft", &submit).await;
        if state == S::AwaitingApproval {
            return code;
        }
        let approve = pb::ApproveAnswerRequest { target: target(), capacity: pb::Capacity::Head.into() };
        self.done(ALL, "CaseworkService/ApproveAnswer", &approve).await;
        code
    }

    /// The key of a petition that the stage made.
    pub fn key(&self, code: &str) -> Option<pb::Proof> {
        let key = self.keys.lock().unwrap().iter().find(|(own, _)| own == code).unwrap().1.clone();
        Some(pb::Proof { access_key: key, portal_subject: String::new() })
    }

    /// An answered petition with a public text, published if wanted: its code and the public id.
    pub async fn redacted(&self, published: bool) -> (String, String) {
        let code = self.petition(pb::PetitionState::Answered).await;
        let save = pb::SaveRedactionRequest { target: target(&code), redaction: redaction() };
        self.done(ALL, "PublicationService/SaveRedaction", &save).await;
        if !published {
            return (code, String::new());
        }
        let publish = pb::PublishPetitionRequest { target: target(&code), revision: 1 };
        let answer = self.done(ALL, "PublicationService/PublishPetition", &publish).await;
        let id = pb::PublishPetitionResponse::decode(answer.as_slice()).unwrap().publication_id;
        (code, id)
    }

    /// A petition that came longer ago than an answer may take.
    async fn overdue(&self) -> String {
        let received_at = Some(Timestamp { seconds: NOW - 25 * 86_400, nanos: 0 });
        let submission = pb::SubmitPetitionRequest { received_at, ..submission() };
        let submitted = self.done(ALL, "IntakeService/SubmitPetition", &submission).await;
        pb::SubmitPetitionResponse::decode(submitted.as_slice()).unwrap().code
    }

    /// A version of a calendar that would move what is open; its name.
    pub async fn moving_calendar(&self) -> String {
        for _ in 0..3 {
            self.petition(pb::PetitionState::Submitted).await;
        }
        let answer = self.done(ALL, "DeadlineService/PutCalendar", &time::workweek()).await;
        pb::PutCalendarResponse::decode(answer.as_slice()).unwrap().calendar.unwrap().version
    }

    async fn letter(&self) -> String {
        let code = self.petition(pb::PetitionState::Submitted).await;
        let list = pb::ListLettersRequest { code, ..Default::default() };
        let answer = self.done(ALL, "DeliveryService/ListLetters", &list).await;
        pb::ListLettersResponse::decode(answer.as_slice()).unwrap().letters[0].id.clone()
    }

    /// A letter that waits for a person; its id.
    async fn paper_letter(&self) -> String {
        let submission = pb::SubmitPetitionRequest { medium: pb::Medium::Paper.into(), ..submission() };
        let submitted = self.done(ALL, "IntakeService/SubmitPetition", &submission).await;
        let code = pb::SubmitPetitionResponse::decode(submitted.as_slice()).unwrap().code;
        let list = pb::ListLettersRequest { code, ..Default::default() };
        let answer = self.done(ALL, "DeliveryService/ListLetters", &list).await;
        pb::ListLettersResponse::decode(answer.as_slice()).unwrap().letters[0].id.clone()
    }

    /// A request that would succeed.
    pub async fn valid(&self, path: &str) -> Vec<u8> {
        use pb::PetitionState as S;
        let words = || "Vì lý do sau đây.".to_owned();
        let page = || Some(pb::PageRequest { size: 1, token: String::new() });
        let instant = || Some(Timestamp { seconds: NOW - 60, nanos: 0 });
        macro_rules! on {
            ($state:ident, $request:ident { $($field:ident: $value:expr),* }) => {
                pb::$request { target: target(&self.petition(S::$state).await), $($field: $value),* }.encode_to_vec()
            };
        }
        match path.split('/').nth(1).unwrap() {
            "SubmitPetition" => submission().encode_to_vec(),
            "SubmitDataRequest" => {
                let code = self.petition(S::Submitted).await;
                pb::SubmitDataRequestRequest {
                    request_id: fresh_id(),
                    code,
                    proof: proof(),
                    right: pb::DataRight::Correction.into(),
                    text: words(),
                    channel: pb::Channel::Hotline.into(),
                    received_at: Some(Timestamp { seconds: NOW - 1_800, nanos: 0 }),
                }
                .encode_to_vec()
            }
            "TrackPetition" => {
                let code = self.petition(S::Submitted).await;
                pb::TrackPetitionRequest { code, proof: proof() }.encode_to_vec()
            }
            "ExplainOwnDeadline" => {
                let code = self.petition(S::Submitted).await;
                pb::ExplainOwnDeadlineRequest { code, proof: proof(), round: 1 }.encode_to_vec()
            }
            "ListOwnPetitions" => {
                pb::ListOwnPetitionsRequest { portal_subject: "user-1".to_owned(), page: page() }.encode_to_vec()
            }
            "ProvideInformation" => on!(NeedsInformation, ProvideInformationRequest { proof: proof(), text: words() }),
            "WithdrawPetition" => on!(Submitted, WithdrawPetitionRequest { proof: proof(), reason: words() }),
            "RatePetition" => on!(Answered, RatePetitionRequest { proof: proof(), stars: 4, comment: words() }),
            "ReopenPetition" => on!(Answered, ReopenPetitionRequest { proof: proof(), reason: words() }),
            "ListPetitions" => {
                let order = pb::PetitionOrder::Due.into();
                pb::ListPetitionsRequest { filter: Some(filter()), order, page: page() }.encode_to_vec()
            }
            "CountPetitions" => pb::CountPetitionsRequest { filter: Some(filter()) }.encode_to_vec(),
            "GetPetition" => pb::GetPetitionRequest { code: self.petition(S::Submitted).await }.encode_to_vec(),
            "ListPetitionEvents" => {
                let code = self.petition(S::Submitted).await;
                pb::ListPetitionEventsRequest { code, page: page() }.encode_to_vec()
            }
            "RequestInformation" => on!(Submitted, RequestInformationRequest { question: words(), reply_days: 5 }),
            "AcceptPetition" => on!(
                Submitted,
                AcceptPetitionRequest {
                    kind: pb::PetitionKind::Feedback.into(),
                    subject_class: pb::SubjectClass::Conduct.into(),
                    field: "TELECOM-MOBILE".to_owned(),
                    priority: pb::Priority::Urgent.into(),
                    priority_reason: words(),
                    concerned_unit: "CUC-BC".to_owned(),
                    assignment: assignment()
                }
            ),
            "RefusePetition" => on!(
                Submitted,
                RefusePetitionRequest { reason: pb::RefusalReason::Complaint.into(), text: words(), redirect: words() }
            ),
            "TransferPetition" => on!(
                Submitted,
                TransferPetitionRequest {
                    body: "Sở Xây dựng".to_owned(),
                    address: "Số 2, phố Huế".to_owned(),
                    email: "so@tinh.example".to_owned(),
                    reference: "12/CV".to_owned()
                }
            ),
            "AssignPetition" => on!(Accepted, AssignPetitionRequest { assignment: assignment(), reason: words() }),
            "ReturnPetition" => on!(Assigned, ReturnPetitionRequest { reason: words() }),
            "StartPetition" => on!(Assigned, StartPetitionRequest {}),
            "SaveDraft" => on!(Assigned, SaveDraftRequest { text: words(), based_on_revision: Some(0) }),
            "SubmitDraft" => {
                on!(InProgress, SubmitDraftRequest { outcome_kind: pb::OutcomeKind::Explained.into(), finding: 0 })
            }
            "SendBackDraft" => on!(AwaitingApproval, SendBackDraftRequest { reason: words() }),
            "ApproveAnswer" => on!(AwaitingApproval, ApproveAnswerRequest { capacity: pb::Capacity::Head.into() }),
            "RecallAnswer" => on!(Answered, RecallAnswerRequest { reason: words() }),
            "ExtendDeadline" => on!(Assigned, ExtendDeadlineRequest { days: 5, reason: words() }),
            "AddNote" => on!(Submitted, AddNoteRequest { text: words() }),
            "SaveRedaction" => on!(Answered, SaveRedactionRequest { redaction: redaction() }),
            "GetRedaction" => pb::GetRedactionRequest { code: self.redacted(false).await.0 }.encode_to_vec(),
            "PublishPetition" => {
                let target = target(&self.redacted(false).await.0);
                pb::PublishPetitionRequest { target, revision: 1 }.encode_to_vec()
            }
            "TakeDownPublication" => {
                let (target, reason) = (target(&self.redacted(true).await.0), words());
                pb::TakeDownPublicationRequest { target, reason }.encode_to_vec()
            }
            "SearchPublications" => {
                let [text, field] = ["mất sóng", "TELECOM"].map(str::to_owned);
                pb::SearchPublicationsRequest { text, field, page: page() }.encode_to_vec()
            }
            "GetPublication" => pb::GetPublicationRequest { id: self.redacted(true).await.1 }.encode_to_vec(),
            "GetOnTimeReport" => {
                let [from, to, unit] = ["2026-01-01", "2027-01-01", "BTTTT"].map(str::to_owned);
                let formula = pb::RateFormula::DueBasis.into();
                pb::GetOnTimeReportRequest { from, to, unit, formula, data_requests: true }.encode_to_vec()
            }
            "ListPetitionsInReport" => pb::ListPetitionsInReportRequest {
                from: "2026-01-01".to_owned(),
                to: "2027-01-01".to_owned(),
                unit: "BTTTT".to_owned(),
                with_children: true,
                column: "received".to_owned(),
                as_of: instant(),
                page: page(),
                data_requests: true,
            }
            .encode_to_vec(),
            "ListAuditEvents" => {
                let (actor, kind, directory) = (ALL.to_owned(), "SUBMITTED".to_owned(), false);
                let (from, until, page) = (instant(), instant(), page());
                pb::ListAuditEventsRequest { actor, kind, from, until, directory, page }.encode_to_vec()
            }
            "VerifyAudit" => pb::VerifyAuditRequest { code: self.petition(S::Submitted).await }.encode_to_vec(),
            "ListLetters" => {
                let statuses = vec![pb::LetterStatus::Pending.into()];
                let code = self.petition(S::Submitted).await;
                pb::ListLettersRequest { statuses, code, page: page() }.encode_to_vec()
            }
            "GetLetter" => pb::GetLetterRequest { id: self.letter().await }.encode_to_vec(),
            "RetryLetter" => pb::RetryLetterRequest { id: self.letter().await, ..Default::default() }.encode_to_vec(),
            "AbandonLetter" => {
                let (id, reason, request_id) = (self.letter().await, words(), String::new());
                pb::AbandonLetterRequest { id, reason, request_id }.encode_to_vec()
            }
            "RecordHandover" => {
                let (id, how) = (self.paper_letter().await, words());
                let (handed_over_at, handed_over_by) = (Some(Timestamp { seconds: NOW, nanos: 0 }), "clerk".to_owned());
                pb::RecordHandoverRequest { id, handed_over_at, handed_over_by, how, request_id: fresh_id() }
                    .encode_to_vec()
            }
            _ if path.starts_with("DirectoryService/") => Box::pin(self.of_directory(path)).await,
            "ListFields" | "ListCalendars" | "ListPolicies" => Vec::new(),
            "ReclassifyPetition" => on!(
                Accepted,
                ReclassifyPetitionRequest {
                    kind: pb::PetitionKind::Feedback.into(),
                    subject_class: pb::SubjectClass::Conduct.into(),
                    field: "TELECOM-MOBILE".to_owned(),
                    priority: pb::Priority::Urgent.into(),
                    priority_reason: words(),
                    concerned_unit: "CUC-BC".to_owned(),
                    reason: words()
                }
            ),
            "PostProgress" => {
                let target = target(&self.overdue().await);
                pb::PostProgressRequest { target, text: words() }.encode_to_vec()
            }
            "ExplainDeadline" => {
                pb::ExplainDeadlineRequest { code: self.petition(S::Submitted).await, round: 1 }.encode_to_vec()
            }
            "ClosePolicy" => {
                let put = self.done(ALL, "DeadlineService/PutPolicy", &time::policy("tan", pb::Channel::Post)).await;
                let policy = pb::PutPolicyResponse::decode(put.as_slice()).unwrap().policy.unwrap();
                pb::ClosePolicyRequest {
                    version: policy.version,
                    valid_until: policy.valid_from,
                    request_id: fresh_id(),
                }
                .encode_to_vec()
            }
            "SuggestUnits" => pb::SuggestUnitsRequest {
                code: self.petition(S::Submitted).await,
                field: "TELECOM-MOBILE".to_owned(),
                subject_class: pb::SubjectClass::Conduct.into(),
                concerned_unit: "CUC-BC".to_owned(),
            }
            .encode_to_vec(),
            "ShareRedactedCopy" | "ListRedactedCopies" | "GetRedactedCopy" | "SubmitStatement" => {
                Box::pin(self.of_copies(path)).await
            }
            "ListReveals" | "RevealPetitioner" | "ListSimilarPetitions" | "ErasePetition" => {
                identity::valid(self, path).await
            }
            _ => time::valid(path),
        }
    }
}

fn filter() -> pb::PetitionFilter {
    pb::PetitionFilter {
        states: vec![pb::PetitionState::Submitted.into()],
        all_states: true,
        unit: "BTTTT".to_owned(),
        subtree: true,
        field: "TELECOM".to_owned(),
        channel: pb::Channel::Hotline.into(),
        handler: "cuc-vt-handler".to_owned(),
        priority: pb::Priority::Normal.into(),
        due_before: Some(Timestamp { seconds: NOW, nanos: 0 }),
        overdue: true,
        received_from: Some(Timestamp { seconds: NOW, nanos: 0 }),
        received_until: Some(Timestamp { seconds: NOW, nanos: 0 }),
        unpublished: true,
        unrouted: true,
        kind: pb::PetitionKind::Proposal.into(),
        about: "PAKN.20261121.7K3F9Q2M".to_owned(),
        text: "sóng".to_owned(),
        subject_class: pb::SubjectClass::Other.into(),
    }
}
