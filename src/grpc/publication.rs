//! PublicationService and PublicService.

use tonic::{Request, Response};

use super::{
    Answer,
    caller::open,
    casework::command,
    status::status,
    wire::{
        casework::code,
        parse::{both, page},
        publication as wire,
        words::number,
    },
};
use crate::{
    app::App,
    domain::{event::Event, text::Redaction},
    pb::{self, public_service_server::PublicService, publication_service_server::PublicationService},
};

/// The dispatchers' side.
#[derive(Debug, Clone)]
pub(super) struct Publication(pub(super) App);

/// Anyone's side. Looks at no caller.
#[derive(Debug, Clone)]
pub(super) struct Public(pub(super) App);

#[tonic::async_trait]
impl PublicationService for Publication {
    async fn save_redaction(&self, request: Request<pb::SaveRedactionRequest>) -> Answer<pb::SaveRedactionResponse> {
        let (outcome, written) = command(&self.0, request, wire::save).await?;
        let revision = match written.recorded.event {
            Event::RedactionSaved { revision, .. } => revision,
            _ => 0,
        };
        Ok(Response::new(pb::SaveRedactionResponse { outcome: Some(outcome), revision }))
    }

    async fn get_redaction(&self, request: Request<pb::GetRedactionRequest>) -> Answer<pb::GetRedactionResponse> {
        let (caller, message) = open(request)?;
        let code = code(&message.code).map_err(status)?;
        let dossier = self.0.petition(&caller, &code).await.map_err(status)?;
        let petition = &dossier.petition;
        let redaction = petition.redaction.map(|_| wire::redaction(Redaction::read(dossier.body(petition.redaction))));
        Ok(Response::new(pb::GetRedactionResponse {
            redaction,
            revision: petition.redaction_revision,
            publication: number(Some(petition.publication)),
        }))
    }

    async fn publish_petition(
        &self,
        request: Request<pb::PublishPetitionRequest>,
    ) -> Answer<pb::PublishPetitionResponse> {
        let (outcome, written) = command(&self.0, request, wire::publish).await?;
        let publication_id = match written.recorded.event {
            Event::Published { publication, .. } => publication.to_string(),
            _ => String::new(),
        };
        Ok(Response::new(pb::PublishPetitionResponse { outcome: Some(outcome), publication_id }))
    }

    async fn take_down_publication(
        &self,
        request: Request<pb::TakeDownPublicationRequest>,
    ) -> Answer<pb::TakeDownPublicationResponse> {
        let (outcome, _) = command(&self.0, request, wire::take_down).await?;
        Ok(Response::new(pb::TakeDownPublicationResponse { outcome: Some(outcome) }))
    }
}

#[tonic::async_trait]
impl PublicService for Public {
    async fn search_publications(
        &self,
        request: Request<pb::SearchPublicationsRequest>,
    ) -> Answer<pb::SearchPublicationsResponse> {
        let message = request.into_inner();
        let search = wire::search(&message, &self.0.reference());
        let question = pb::SearchPublicationsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "SearchPublications", None, &question);
        let ((text, field), page) = both(search, page).map_err(status)?;
        let (found, next_token) = self.0.search_publications(&text, &field, &page).await.map_err(status)?;
        let publications = found.iter().map(wire::line_of).collect();
        Ok(Response::new(pb::SearchPublicationsResponse { publications, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn get_publication(&self, request: Request<pb::GetPublicationRequest>) -> Answer<pb::GetPublicationResponse> {
        let id = wire::id(&request.into_inner().id).map_err(status)?;
        let copy = self.0.publication(id).await.map_err(status)?;
        Ok(Response::new(wire::publication(copy)))
    }

    async fn list_fields(&self, request: Request<pb::ListFieldsRequest>) -> Answer<pb::ListFieldsResponse> {
        let message = request.into_inner();
        let question = pb::ListFieldsRequest { page: None };
        let page = page(message.page.as_ref(), "ListFields", None, &question).map_err(status)?;
        let (found, next_token) = self.0.fields(&page);
        let fields = found.into_iter().map(wire::field).collect();
        Ok(Response::new(pb::ListFieldsResponse { fields, page: Some(pb::PageInfo { next_token }) }))
    }
}
