//! DeliveryService.

use tonic::{Request, Response};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        delivery as wire,
        parse::{asked_as, both, page},
    },
};
use crate::{
    app::{App, LetterFilter},
    pb::{self, delivery_service_server::DeliveryService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Delivery(pub(super) App);

#[tonic::async_trait]
impl DeliveryService for Delivery {
    async fn list_letters(&self, request: Request<pb::ListLettersRequest>) -> Answer<pb::ListLettersResponse> {
        let (caller, message) = open(request)?;
        let asked = wire::statuses(&message);
        let question = pb::ListLettersRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListLetters", Some(caller.account), &question);
        let ((statuses, code), page) = both(asked, page).map_err(status)?;
        let petition = match code {
            Some(code) => Some(self.0.petition_of_letters(&caller, &code).await.map_err(status)?),
            None => None,
        };
        let filter = LetterFilter { statuses, petition };
        let (found, next_token) = self.0.letters(&caller, &filter, &page).await.map_err(status)?;
        let letters = found.iter().map(|(letter, code)| wire::letter(letter, code)).collect();
        Ok(Response::new(pb::ListLettersResponse { letters, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn get_letter(&self, request: Request<pb::GetLetterRequest>) -> Answer<pb::GetLetterResponse> {
        let (caller, message) = open(request)?;
        let id = wire::id(&message.id).map_err(status)?;
        let (letter, code, attempts) = self.0.letter(&caller, id).await.map_err(status)?;
        let attempts = attempts.iter().map(wire::attempt).collect();
        Ok(Response::new(pb::GetLetterResponse { letter: Some(wire::letter(&letter, &code)), attempts }))
    }

    async fn retry_letter(&self, request: Request<pb::RetryLetterRequest>) -> Answer<pb::RetryLetterResponse> {
        let (caller, message) = open(request)?;
        let id = wire::retry(&message).map_err(status)?;
        let asked = asked_as("RetryLetter", &message.request_id, &message);
        let letter = self.0.retry_letter(&caller, &asked, id).await.map_err(status)?;
        let (_, code, _) = self.0.letter(&caller, id).await.map_err(status)?;
        Ok(Response::new(pb::RetryLetterResponse { letter: Some(wire::letter(&letter, &code)) }))
    }

    async fn abandon_letter(&self, request: Request<pb::AbandonLetterRequest>) -> Answer<pb::AbandonLetterResponse> {
        let (caller, message) = open(request)?;
        let (id, reason) = wire::abandon(&message).map_err(status)?;
        let asked = asked_as("AbandonLetter", &message.request_id, &message);
        let letter = self.0.abandon_letter(&caller, &asked, id, reason).await.map_err(status)?;
        let (_, code, _) = self.0.letter(&caller, id).await.map_err(status)?;
        Ok(Response::new(pb::AbandonLetterResponse { letter: Some(wire::letter(&letter, &code)) }))
    }
    async fn record_handover(&self, request: Request<pb::RecordHandoverRequest>) -> Answer<pb::RecordHandoverResponse> {
        let (caller, message) = open(request)?;
        let (id, handover) = wire::handover(&message, &caller.reference).map_err(status)?;
        let asked = asked_as("RecordHandover", &message.request_id, &message);
        let (letter, code) = self.0.record_handover(&caller, &asked, id, handover).await.map_err(status)?;
        Ok(Response::new(pb::RecordHandoverResponse { letter: Some(wire::letter(&letter, &code)) }))
    }
}
