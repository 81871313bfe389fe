//! People as callers: each with a token, speaking to the real server through the real clients.

use pakn::{
    domain::words::Role,
    pb::{
        self, casework_service_client::CaseworkServiceClient, deadline_service_client::DeadlineServiceClient,
        delivery_service_client::DeliveryServiceClient, directory_service_client::DirectoryServiceClient,
        intake_service_client::IntakeServiceClient, public_service_client::PublicServiceClient,
        publication_service_client::PublicationServiceClient, supervision_service_client::SupervisionServiceClient,
    },
};
use tonic::{Request, Status, transport::Channel};

use super::{Deed, World, deed::assignment};

/// Somebody who calls.
pub struct Person<'w> {
    /// Where.
    pub world: &'w World,
    /// As whom.
    pub login: String,
    /// With the petitioner's access key.
    pub on_behalf: bool,
}

/// Calls an RPC and gives its message.
#[macro_export]
macro_rules! call {
    ($person:expr, $service:ident . $rpc:ident, $message:expr) => {
        $person.$service().$rpc($person.ask($message)).await.map(tonic::Response::into_inner)
    };
}

macro_rules! clients {
    ($($name:ident: $client:ident,)+) => {$(
        /// The service.
        pub fn $name(&self) -> $client<Channel> {
            $client::new(self.world.channel())
        }
    )+};
}

/// What became of it.
pub type Became<T = pb::Outcome> = Result<T, Status>;

impl Person<'_> {
    clients! {
        intake: IntakeServiceClient,
        casework: CaseworkServiceClient,
        publication: PublicationServiceClient,
        public: PublicServiceClient,
        supervision: SupervisionServiceClient,
        directory: DirectoryServiceClient,
        deadline: DeadlineServiceClient,
        delivery: DeliveryServiceClient,
    }

    /// A request with this person's token.
    pub fn ask<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let token = self.world.tokens.lock().unwrap()[&self.login].clone();
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    /// Sends a petition in.
    pub async fn submits(&self, petition: pb::SubmitPetitionRequest) -> pb::SubmitPetitionResponse {
        self.tries_to_submit(petition).await.unwrap()
    }

    /// Sends a petition in, perhaps in vain.
    pub async fn tries_to_submit(&self, petition: pb::SubmitPetitionRequest) -> Became<pb::SubmitPetitionResponse> {
        let submitted = call!(self, intake.submit_petition, petition)?;
        self.world.keys.lock().unwrap().insert(submitted.code.clone(), submitted.access_key.clone());
        Ok(submitted)
    }

    /// Asks about the personal data of a petition, perhaps in vain.
    pub async fn asks_about_data(
        &self,
        request: pb::SubmitDataRequestRequest,
    ) -> Became<pb::SubmitDataRequestResponse> {
        let proof = request.proof.clone().or_else(|| self.proof(&request.code));
        let submitted = call!(self, intake.submit_data_request, pb::SubmitDataRequestRequest { proof, ..request })?;
        self.world.keys.lock().unwrap().insert(submitted.code.clone(), submitted.access_key.clone());
        Ok(submitted)
    }

    /// Does something that must come off.
    pub async fn does(&self, deed: Deed, code: &str) -> pb::Outcome {
        let name = deed.name();
        self.tries(deed, code).await.unwrap_or_else(|status| panic!("{} {name} {code}: {status:?}", self.login))
    }

    /// Does something, perhaps in vain.
    pub async fn tries(&self, deed: Deed, code: &str) -> Became {
        self.tries_on(deed, pb::Target { code: code.to_owned(), ..pb::Target::default() }).await
    }

    /// Does something, perhaps in vain, to a version or under a request id.
    pub async fn tries_on(&self, deed: Deed, target: pb::Target) -> Became {
        let proof = self.proof(&target.code);
        let target = Some(target);
        let reason = || "Vì lý do nêu trong hồ sơ.".to_owned();
        let outcome = match deed {
            Deed::RequestInformation => {
                let question = "Xin cho biết mã thuê bao?".to_owned();
                call!(
                    self,
                    casework.request_information,
                    pb::RequestInformationRequest { target, question, reply_days: 0 }
                )?
                .outcome
            }
            Deed::ProvideInformation => {
                let text = "Mã thuê bao của tôi là HN-1234.".to_owned();
                call!(self, intake.provide_information, pb::ProvideInformationRequest { target, proof, text })?.outcome
            }
            Deed::Accept => {
                let accept = pb::AcceptPetitionRequest {
                    target,
                    subject_class: pb::SubjectClass::Other.into(),
                    field: "TELECOM-INTERNET".to_owned(),
                    ..pb::AcceptPetitionRequest::default()
                };
                call!(self, casework.accept_petition, accept)?.outcome
            }
            Deed::Reclassify => {
                let reclassify = pb::ReclassifyPetitionRequest {
                    target,
                    subject_class: pb::SubjectClass::Regulation.into(),
                    reason: reason(),
                    ..pb::ReclassifyPetitionRequest::default()
                };
                call!(self, casework.reclassify_petition, reclassify)?.outcome
            }
            Deed::PostProgress => {
                call!(self, casework.post_progress, pb::PostProgressRequest { target, text: reason() })?.outcome
            }
            Deed::Refuse => {
                let refuse = pb::RefusePetitionRequest {
                    target,
                    reason: pb::RefusalReason::OutOfScope.into(),
                    text: reason(),
                    redirect: String::new(),
                };
                call!(self, casework.refuse_petition, refuse)?.outcome
            }
            Deed::Transfer => {
                let transfer = pb::TransferPetitionRequest {
                    target,
                    body: "Sở Thông tin và Truyền thông Nam Định".to_owned(),
                    address: "55 Hà Huy Tập, Nam Định".to_owned(),
                    email: "sotttt@namdinh.example.vn".to_owned(),
                    reference: "12/CV".to_owned(),
                };
                call!(self, casework.transfer_petition, transfer)?.outcome
            }
            Deed::Assign(unit) => {
                let assign =
                    pb::AssignPetitionRequest { target, assignment: Some(assignment(unit)), reason: String::new() };
                call!(self, casework.assign_petition, assign)?.outcome
            }
            Deed::Return => {
                call!(self, casework.return_petition, pb::ReturnPetitionRequest { target, reason: reason() })?.outcome
            }
            Deed::Start => call!(self, casework.start_petition, pb::StartPetitionRequest { target })?.outcome,
            Deed::SaveDraft => {
                let text = "Cục đã kiểm tra và yêu cầu nhà mạng mở rộng băng thông.".to_owned();
                call!(self, casework.save_draft, pb::SaveDraftRequest { target, text, based_on_revision: None })?
                    .outcome
            }
            Deed::SubmitDraft => {
                let outcome_kind = pb::OutcomeKind::Explained.into();
                call!(self, casework.submit_draft, pb::SubmitDraftRequest { target, outcome_kind, finding: 0 })?.outcome
            }
            Deed::SendBack => {
                call!(self, casework.send_back_draft, pb::SendBackDraftRequest { target, reason: reason() })?.outcome
            }
            Deed::Approve => {
                call!(self, casework.approve_answer, pb::ApproveAnswerRequest { target, capacity: 0 })?.outcome
            }
            Deed::RecallAnswer => {
                call!(self, casework.recall_answer, pb::RecallAnswerRequest { target, reason: reason() })?.outcome
            }
            Deed::Extend => {
                call!(self, casework.extend_deadline, pb::ExtendDeadlineRequest { target, days: 10, reason: reason() })?
                    .outcome
            }
            Deed::Withdraw => {
                call!(self, intake.withdraw_petition, pb::WithdrawPetitionRequest { target, proof, reason: reason() })?
                    .outcome
            }
            Deed::Rate => {
                call!(
                    self,
                    intake.rate_petition,
                    pb::RatePetitionRequest { target, proof, stars: 4, comment: reason() }
                )?
                .outcome
            }
            Deed::Reopen => {
                call!(self, intake.reopen_petition, pb::ReopenPetitionRequest { target, proof, reason: reason() })?
                    .outcome
            }
            Deed::AddNote => call!(self, casework.add_note, pb::AddNoteRequest { target, text: reason() })?.outcome,
            Deed::SaveRedaction => {
                let redaction = Some(pb::Redaction {
                    title: "Mạng chậm".to_owned(),
                    question: "Mạng cáp quang chậm buổi tối.".to_owned(),
                    answer: "Nhà mạng đã mở rộng băng thông.".to_owned(),
                });
                call!(self, publication.save_redaction, pb::SaveRedactionRequest { target, redaction })?.outcome
            }
            Deed::Publish(revision) => {
                call!(self, publication.publish_petition, pb::PublishPetitionRequest { target, revision })?.outcome
            }
            Deed::TakeDown => {
                call!(
                    self,
                    publication.take_down_publication,
                    pb::TakeDownPublicationRequest { target, reason: reason() }
                )?
                .outcome
            }
        };
        Ok(outcome.unwrap())
    }

    /// The petition as staff sees it.
    pub async fn reads(&self, code: &str) -> Became<pb::Petition> {
        let message = pb::GetPetitionRequest { code: code.to_owned() };
        Ok(call!(self, casework.get_petition, message)?.petition.unwrap())
    }

    /// The petition as its petitioner sees it; in broad strokes without the key.
    pub async fn tracks(&self, code: &str) -> Became<pb::TrackPetitionResponse> {
        let message = pb::TrackPetitionRequest { code: code.to_owned(), proof: self.proof(code) };
        call!(self, intake.track_petition, message)
    }

    /// The access key, for whoever speaks for the petitioner.
    fn proof(&self, code: &str) -> Option<pb::Proof> {
        let access_key = self.world.keys.lock().unwrap().get(code).cloned().filter(|_| self.on_behalf)?;
        Some(pb::Proof { access_key, portal_subject: String::new() })
    }
}

impl World {
    /// The ids of the redacted copies that somebody's unit was given.
    pub async fn reads_copies(&self, who: &Person<'_>) -> Vec<String> {
        let listed = call!(who, casework.list_redacted_copies, pb::ListRedactedCopiesRequest::default()).unwrap();
        listed.copies.into_iter().map(|copy| copy.id).collect()
    }

    /// Brings a fresh petition to `ANSWERED` through `CUC-VT`; gives its code.
    pub async fn answered(&self) -> String {
        let code = self.awaiting_approval().await;
        self.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        code
    }

    /// Brings a fresh petition to `AWAITING_APPROVAL` at `CUC-VT`; gives its code.
    pub async fn awaiting_approval(&self) -> String {
        let code = self.assigned("CUC-VT").await;
        let handler = self.who("cuc-vt-handler");
        handler.does(Deed::SaveDraft, &code).await;
        handler.does(Deed::SubmitDraft, &code).await;
        code
    }

    /// Brings a fresh petition to `ASSIGNED`; gives its code.
    pub async fn assigned(&self, unit: &'static str) -> String {
        let code = self.citizen().submits(super::feedback()).await.code;
        self.dispatcher().does(Deed::Accept, &code).await;
        self.dispatcher().does(Deed::Assign(unit), &code).await;
        code
    }

    /// Adds two accounts with every role of staff over the whole tree: whatever they may not do, the state forbids.
    pub async fn add_mighty(&self) {
        use Role as R;
        let roles = [R::Portal, R::Clerk, R::Dispatcher, R::Handler, R::Approver, R::Operator, R::Supervisor];
        self.add_account("mighty", "BTTTT", &roles).await;
        self.add_account("mighty-too", "BTTTT", &roles).await;
    }
}
