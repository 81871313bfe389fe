//! CaseworkService.

use std::sync::Arc;

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        casework as wire, copies, deadline, identity,
        parse::{asked_as, both, page},
        routing, view,
        words::number,
    },
};
use crate::{
    app::{Acting, App, Error},
    domain::{
        change::Outcome,
        event::Event,
        petition::Petition,
        reference::Reference,
        refusal::{Fault, Refusal},
        routing::Suggestions,
    },
    pb::{self, casework_service_server::CaseworkService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Casework(pub(super) App);

/// Reads a command, gives it, shows what became of it.
pub(super) async fn command<M: Message>(
    app: &App,
    request: Request<M>,
    read: impl FnOnce(&M, &Reference) -> wire::Read,
) -> Result<(pb::Outcome, Outcome), Status> {
    let (caller, message) = open(request)?;
    let (code, asked, command) = read(&message, &caller.reference).map_err(status)?;
    let outcome = app.perform(&code, Acting::Account(caller.account), &asked, command).await.map_err(status)?;
    Ok((view::outcome(&outcome, &caller.reference), outcome))
}

/// As [`command`], for what is at fault or not by the petition: that is named together with the faults of the message.
async fn command_about<M: Message>(
    app: &App,
    request: Request<M>,
    (rpc, read): (&'static str, impl FnOnce(&M, &Reference) -> wire::Read),
    (code, amiss): (impl FnOnce(&M) -> String, impl FnOnce(&M, &Petition, &Reference) -> Vec<Fault>),
) -> Result<pb::Outcome, Status> {
    let (caller, message) = open(request)?;
    let (code, asked, command) = match read(&message, &caller.reference) {
        Err(Error::Refused(Refusal::Invalid(mut faults))) => {
            if let Ok(code) = wire::code(&code(&message)) {
                let find = |petition: &Petition, reference: &Reference| amiss(&message, petition, reference);
                let more = app.amiss(&caller, rpc, &code, find).await.map_err(status)?;
                let named = |fault: &Fault| faults.iter().any(|known| known.field == fault.field);
                let more: Vec<Fault> = more.into_iter().filter(|fault| !named(fault)).collect();
                faults.extend(more);
            }
            return Err(status(Refusal::Invalid(faults).into()));
        }
        read => read.map_err(status)?,
    };
    let outcome = app.perform(&code, Acting::Account(caller.account), &asked, command).await.map_err(status)?;
    Ok(view::outcome(&outcome, &caller.reference))
}

/// The code of a target as typed.
fn typed(target: Option<&pb::Target>) -> String {
    target.map(|target| target.code.clone()).unwrap_or_default()
}

#[tonic::async_trait]
impl CaseworkService for Casework {
    async fn list_petitions(&self, request: Request<pb::ListPetitionsRequest>) -> Answer<pb::ListPetitionsResponse> {
        let (caller, message) = open(request)?;
        let now = self.0.clock().now();
        let filter = wire::filter(message.filter.as_ref(), &caller, now);
        let by = wire::order(message.order);
        let question = pb::ListPetitionsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListPetitions", Some(caller.account), &question);
        let ((filter, by), page) = both(both(filter, by), page).map_err(status)?;
        let (found, next_token) = self.0.list(&caller, &filter, by, &page).await.map_err(status)?;
        let line = |(petition, title): (_, String)| view::summary(&petition, &title, &caller.reference, now);
        let petitions = found.into_iter().map(line).collect();
        Ok(Response::new(pb::ListPetitionsResponse { petitions, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn count_petitions(&self, request: Request<pb::CountPetitionsRequest>) -> Answer<pb::CountPetitionsResponse> {
        let (caller, message) = open(request)?;
        let filter = wire::filter(message.filter.as_ref(), &caller, self.0.clock().now()).map_err(status)?;
        let counted = self.0.count(&caller, &filter).await.map_err(status)?;
        let total = counted.iter().map(|(_, count)| count).sum();
        let state = |(state, count)| pb::StateCount { state: number(Some(state)), count };
        Ok(Response::new(pb::CountPetitionsResponse { total, states: counted.into_iter().map(state).collect() }))
    }

    async fn get_petition(&self, request: Request<pb::GetPetitionRequest>) -> Answer<pb::GetPetitionResponse> {
        let (caller, message) = open(request)?;
        let code = wire::code(&message.code).map_err(status)?;
        let dossier = self.0.petition(&caller, &code).await.map_err(status)?;
        let petition = Some(wire::petition(&dossier, &caller.reference, self.0.clock().now()));
        Ok(Response::new(pb::GetPetitionResponse { petition }))
    }

    async fn list_petition_events(
        &self,
        request: Request<pb::ListPetitionEventsRequest>,
    ) -> Answer<pb::ListPetitionEventsResponse> {
        let (caller, message) = open(request)?;
        let code = wire::code(&message.code);
        let typed = code.as_ref().cloned().unwrap_or_default();
        let question = pb::ListPetitionEventsRequest { page: None, code: typed };
        let page = page(message.page.as_ref(), "ListPetitionEvents", Some(caller.account), &question);
        let (code, page) = both(code, page).map_err(status)?;
        let (steps, next_token) = self.0.events(&caller, &code, &page).await.map_err(status)?;
        let event =
            |(recorded, hash, texts): (_, Vec<u8>, _)| view::event(&recorded, &hash, Some(&texts), &caller.reference);
        let events = steps.into_iter().map(event).collect();
        Ok(Response::new(pb::ListPetitionEventsResponse { events, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn save_draft(&self, request: Request<pb::SaveDraftRequest>) -> Answer<pb::SaveDraftResponse> {
        let (outcome, written) = command(&self.0, request, wire::save_draft).await?;
        let revision = match written.recorded.event {
            Event::DraftSaved { revision, .. } => revision,
            _ => 0,
        };
        Ok(Response::new(pb::SaveDraftResponse { outcome: Some(outcome), revision }))
    }

    async fn approve_answer(&self, request: Request<pb::ApproveAnswerRequest>) -> Answer<pb::ApproveAnswerResponse> {
        let (outcome, written) = command(&self.0, request, wire::approve).await?;
        let verdict = match written.recorded.event {
            Event::Answered { verdict, .. } => number(Some(verdict)),
            _ => 0,
        };
        Ok(Response::new(pb::ApproveAnswerResponse { outcome: Some(outcome), verdict }))
    }

    async fn request_information(
        &self,
        request: Request<pb::RequestInformationRequest>,
    ) -> Answer<pb::RequestInformationResponse> {
        let (outcome, _) = command(&self.0, request, wire::request_information).await?;
        Ok(Response::new(pb::RequestInformationResponse { outcome: Some(outcome) }))
    }

    async fn accept_petition(&self, request: Request<pb::AcceptPetitionRequest>) -> Answer<pb::AcceptPetitionResponse> {
        let amiss = (|message: &pb::AcceptPetitionRequest| typed(message.target.as_ref()), wire::accept_amiss);
        let outcome = command_about(&self.0, request, ("AcceptPetition", wire::accept), amiss).await?;
        Ok(Response::new(pb::AcceptPetitionResponse { outcome: Some(outcome) }))
    }

    async fn reclassify_petition(
        &self,
        request: Request<pb::ReclassifyPetitionRequest>,
    ) -> Answer<pb::ReclassifyPetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::reclassify).await?;
        Ok(Response::new(pb::ReclassifyPetitionResponse { outcome: Some(outcome) }))
    }

    async fn post_progress(&self, request: Request<pb::PostProgressRequest>) -> Answer<pb::PostProgressResponse> {
        let (outcome, _) = command(&self.0, request, wire::post_progress).await?;
        Ok(Response::new(pb::PostProgressResponse { outcome: Some(outcome) }))
    }

    async fn explain_deadline(
        &self,
        request: Request<pb::ExplainDeadlineRequest>,
    ) -> Answer<pb::ExplainDeadlineResponse> {
        let (caller, message) = open(request)?;
        let (code, round) = wire::explain(&message).map_err(status)?;
        let explained = self.0.explain(&caller, &code, round).await.map_err(status)?;
        let reference = &caller.reference;
        let clocks = explained.clocks.iter().map(|clock| deadline::clock(clock, reference)).collect();
        let ledger = explained.events.iter().flat_map(|recorded| deadline::ledger(&explained, recorded, reference));
        let ledger = ledger.collect();
        let custody = explained.custody.iter().map(|custody| deadline::custody(custody, reference)).collect();
        Ok(Response::new(pb::ExplainDeadlineResponse { clocks, ledger, custody, round: explained.round }))
    }

    async fn refuse_petition(&self, request: Request<pb::RefusePetitionRequest>) -> Answer<pb::RefusePetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::refuse).await?;
        Ok(Response::new(pb::RefusePetitionResponse { outcome: Some(outcome) }))
    }

    async fn transfer_petition(
        &self,
        request: Request<pb::TransferPetitionRequest>,
    ) -> Answer<pb::TransferPetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::transfer).await?;
        Ok(Response::new(pb::TransferPetitionResponse { outcome: Some(outcome) }))
    }

    async fn assign_petition(&self, request: Request<pb::AssignPetitionRequest>) -> Answer<pb::AssignPetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::assign).await?;
        Ok(Response::new(pb::AssignPetitionResponse { outcome: Some(outcome) }))
    }

    async fn return_petition(&self, request: Request<pb::ReturnPetitionRequest>) -> Answer<pb::ReturnPetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::give_back).await?;
        Ok(Response::new(pb::ReturnPetitionResponse { outcome: Some(outcome) }))
    }

    async fn start_petition(&self, request: Request<pb::StartPetitionRequest>) -> Answer<pb::StartPetitionResponse> {
        let (outcome, _) = command(&self.0, request, wire::start).await?;
        Ok(Response::new(pb::StartPetitionResponse { outcome: Some(outcome) }))
    }

    async fn submit_draft(&self, request: Request<pb::SubmitDraftRequest>) -> Answer<pb::SubmitDraftResponse> {
        let amiss = (|message: &pb::SubmitDraftRequest| typed(message.target.as_ref()), wire::submit_draft_amiss);
        let outcome = command_about(&self.0, request, ("SubmitDraft", wire::submit_draft), amiss).await?;
        Ok(Response::new(pb::SubmitDraftResponse { outcome: Some(outcome) }))
    }

    async fn send_back_draft(&self, request: Request<pb::SendBackDraftRequest>) -> Answer<pb::SendBackDraftResponse> {
        let (outcome, _) = command(&self.0, request, wire::send_back).await?;
        Ok(Response::new(pb::SendBackDraftResponse { outcome: Some(outcome) }))
    }

    async fn recall_answer(&self, request: Request<pb::RecallAnswerRequest>) -> Answer<pb::RecallAnswerResponse> {
        let (outcome, _) = command(&self.0, request, wire::recall).await?;
        Ok(Response::new(pb::RecallAnswerResponse { outcome: Some(outcome) }))
    }

    async fn extend_deadline(&self, request: Request<pb::ExtendDeadlineRequest>) -> Answer<pb::ExtendDeadlineResponse> {
        let amiss = (|message: &pb::ExtendDeadlineRequest| typed(message.target.as_ref()), wire::extend_amiss);
        let outcome = command_about(&self.0, request, ("ExtendDeadline", wire::extend), amiss).await?;
        Ok(Response::new(pb::ExtendDeadlineResponse { outcome: Some(outcome) }))
    }

    async fn add_note(&self, request: Request<pb::AddNoteRequest>) -> Answer<pb::AddNoteResponse> {
        let (outcome, _) = command(&self.0, request, wire::add_note).await?;
        Ok(Response::new(pb::AddNoteResponse { outcome: Some(outcome) }))
    }

    async fn suggest_units(&self, request: Request<pb::SuggestUnitsRequest>) -> Answer<pb::SuggestUnitsResponse> {
        let (caller, message) = open(request)?;
        let (code, supposed) = routing::suggested(&message, &caller).map_err(status)?;
        let reference = Arc::clone(&caller.reference);
        let view = |found: &Suggestions<'_>| routing::suggestions(found, &reference);
        let suggested = self.0.suggest_units(&caller, &code, supposed, view).await.map_err(status)?;
        Ok(Response::new(suggested))
    }

    async fn share_redacted_copy(
        &self,
        request: Request<pb::ShareRedactedCopyRequest>,
    ) -> Answer<pb::ShareRedactedCopyResponse> {
        let (outcome, written) = command(&self.0, request, copies::share).await?;
        let id = match written.recorded.event {
            Event::CopyShared { copy, .. } => copy.to_string(),
            _ => String::new(),
        };
        Ok(Response::new(pb::ShareRedactedCopyResponse { outcome: Some(outcome), id }))
    }

    async fn list_redacted_copies(
        &self,
        request: Request<pb::ListRedactedCopiesRequest>,
    ) -> Answer<pb::ListRedactedCopiesResponse> {
        let (caller, message) = open(request)?;
        let question = pb::ListRedactedCopiesRequest { page: None };
        let page = page(message.page.as_ref(), "ListRedactedCopies", Some(caller.account), &question);
        let page = page.map_err(status)?;
        let (found, next_token) = self.0.redacted_copies(&caller, &page).await.map_err(status)?;
        let copies = found.iter().map(|copy| copies::open(copy, &caller.reference)).collect();
        Ok(Response::new(pb::ListRedactedCopiesResponse { copies, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn get_redacted_copy(
        &self,
        request: Request<pb::GetRedactedCopyRequest>,
    ) -> Answer<pb::GetRedactedCopyResponse> {
        let (caller, message) = open(request)?;
        let id = copies::id(&message.id).map_err(status)?;
        let found = self.0.redacted_copy(&caller, "GetRedactedCopy", id).await.map_err(status)?;
        Ok(Response::new(pb::GetRedactedCopyResponse { copy: Some(copies::open(&found, &caller.reference)) }))
    }

    async fn submit_statement(
        &self,
        request: Request<pb::SubmitStatementRequest>,
    ) -> Answer<pb::SubmitStatementResponse> {
        let (caller, message) = open(request)?;
        let (id, text) = copies::statement(&message).map_err(status)?;
        let asked = asked_as("SubmitStatement", &message.request_id, &message);
        let found = self.0.submit_statement(&caller, &asked, id, text).await.map_err(status)?;
        Ok(Response::new(pb::SubmitStatementResponse { copy: Some(copies::open(&found, &caller.reference)) }))
    }

    async fn list_similar_petitions(
        &self,
        request: Request<pb::ListSimilarPetitionsRequest>,
    ) -> Answer<pb::ListSimilarPetitionsResponse> {
        let (caller, message) = open(request)?;
        let code = wire::code(&message.code).map_err(status)?;
        let (similar, comparing) = self.0.similar(&caller, &code).await.map_err(status)?;
        let now = self.0.clock().now();
        let petitions = similar.iter().map(|one| identity::similar(one, &caller.reference, now)).collect();
        Ok(Response::new(pb::ListSimilarPetitionsResponse { petitions, comparing }))
    }

    async fn erase_petition(&self, request: Request<pb::ErasePetitionRequest>) -> Answer<pb::ErasePetitionResponse> {
        let (outcome, _) = command(&self.0, request, identity::erase).await?;
        Ok(Response::new(pb::ErasePetitionResponse { outcome: Some(outcome) }))
    }

    async fn reveal_petitioner(
        &self,
        request: Request<pb::RevealPetitionerRequest>,
    ) -> Answer<pb::RevealPetitionerResponse> {
        let (caller, message) = open(request)?;
        let (code, reason) = identity::reveal(&message).map_err(status)?;
        let asked = asked_as("RevealPetitioner", &message.request_id, &message);
        let petitioner = self.0.reveal(&caller, &asked, &code, reason).await.map_err(status)?;
        Ok(Response::new(identity::revealed(petitioner)))
    }
}
