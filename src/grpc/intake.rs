//! IntakeService.

use tonic::{Request, Response};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        deadline, intake as wire,
        parse::{Faults, both, page},
        view,
    },
};
use crate::{
    app::{App, Caller},
    domain::text::line,
    pb::{self, intake_service_server::IntakeService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Intake(pub(super) App);

impl Intake {
    async fn own(
        &self,
        caller: &Caller,
        read: Result<wire::Own, crate::app::Error>,
    ) -> Result<pb::Outcome, tonic::Status> {
        let (code, proof, asked, command) = read.map_err(status)?;
        let outcome = self.0.perform_for_petitioner(caller, &code, &proof, &asked, command).await.map_err(status)?;
        Ok(view::outcome(&outcome, &caller.reference))
    }
}

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn submit_petition(&self, request: Request<pb::SubmitPetitionRequest>) -> Answer<pb::SubmitPetitionResponse> {
        let (caller, message) = open(request)?;
        let (asked, submit) = wire::submit(&message, &caller, self.0.clock().now()).map_err(status)?;
        let submitted = self.0.submit(&caller, &asked, submit).await.map_err(status)?;
        Ok(Response::new(wire::submitted(&submitted)))
    }

    async fn submit_data_request(
        &self,
        request: Request<pb::SubmitDataRequestRequest>,
    ) -> Answer<pb::SubmitDataRequestResponse> {
        let (caller, message) = open(request)?;
        let (code, proof, asked, command) = wire::request_data(&message, &caller).map_err(status)?;
        let submitted = self.0.request_data(&caller, &code, &proof, &asked, command).await.map_err(status)?;
        Ok(Response::new(wire::data_requested(&submitted)))
    }

    async fn track_petition(&self, request: Request<pb::TrackPetitionRequest>) -> Answer<pb::TrackPetitionResponse> {
        let (caller, message) = open(request)?;
        let (code, proof) = wire::track(&message).map_err(status)?;
        let answer = if proof.is_empty() {
            wire::tracked(&self.0.track(&caller, &code).await.map_err(status)?)
        } else {
            let view = self.0.track_own(&caller, &code, &proof).await.map_err(status)?;
            wire::tracked_own(&view, &caller.reference)
        };
        Ok(Response::new(answer))
    }

    async fn explain_own_deadline(
        &self,
        request: Request<pb::ExplainOwnDeadlineRequest>,
    ) -> Answer<pb::ExplainOwnDeadlineResponse> {
        let (caller, message) = open(request)?;
        let (code, proof, round) = wire::explain_own(&message, &caller).map_err(status)?;
        let explained = self.0.explain_own(&caller, &code, &proof, round).await.map_err(status)?;
        Ok(Response::new(deadline::own(&code, &explained, &caller.reference)))
    }

    async fn list_own_petitions(
        &self,
        request: Request<pb::ListOwnPetitionsRequest>,
    ) -> Answer<pb::ListOwnPetitionsResponse> {
        let (caller, message) = open(request)?;
        let mut faults = Faults::default();
        let subject = faults.text("portal_subject", &message.portal_subject, line(1, 200));
        let subject = faults.or(subject);
        let filter = pb::ListOwnPetitionsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListOwnPetitions", Some(caller.account), &filter);
        let (subject, page) = both(subject, page).map_err(status)?;
        let (found, next_token) = self.0.list_own(&caller, &subject, &page).await.map_err(status)?;
        let now = self.0.clock().now();
        let own = |(petition, title): (_, String)| wire::own(&petition, &title, &caller.reference, now);
        let petitions = found.into_iter().map(own).collect();
        Ok(Response::new(pb::ListOwnPetitionsResponse { petitions, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn provide_information(
        &self,
        request: Request<pb::ProvideInformationRequest>,
    ) -> Answer<pb::ProvideInformationResponse> {
        let (caller, message) = open(request)?;
        let outcome = Some(self.own(&caller, wire::provide_information(&message, &caller)).await?);
        Ok(Response::new(pb::ProvideInformationResponse { outcome }))
    }

    async fn withdraw_petition(
        &self,
        request: Request<pb::WithdrawPetitionRequest>,
    ) -> Answer<pb::WithdrawPetitionResponse> {
        let (caller, message) = open(request)?;
        let outcome = Some(self.own(&caller, wire::withdraw(&message, &caller)).await?);
        Ok(Response::new(pb::WithdrawPetitionResponse { outcome }))
    }

    async fn rate_petition(&self, request: Request<pb::RatePetitionRequest>) -> Answer<pb::RatePetitionResponse> {
        let (caller, message) = open(request)?;
        let outcome = Some(self.own(&caller, wire::rate(&message, &caller)).await?);
        Ok(Response::new(pb::RatePetitionResponse { outcome }))
    }

    async fn reopen_petition(&self, request: Request<pb::ReopenPetitionRequest>) -> Answer<pb::ReopenPetitionResponse> {
        let (caller, message) = open(request)?;
        let outcome = Some(self.own(&caller, wire::reopen(&message, &caller)).await?);
        Ok(Response::new(pb::ReopenPetitionResponse { outcome }))
    }
}
