//! SupervisionService.

use tonic::{Request, Response};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        identity,
        parse::{both, page},
        supervision as wire, view,
    },
};
use crate::{
    app::App,
    pb::{self, supervision_service_server::SupervisionService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Supervision(pub(super) App);

#[tonic::async_trait]
impl SupervisionService for Supervision {
    async fn get_on_time_report(
        &self,
        request: Request<pb::GetOnTimeReportRequest>,
    ) -> Answer<pb::GetOnTimeReportResponse> {
        let (caller, message) = open(request)?;
        let (from, to, unit, formula) = wire::report(&message, &caller.reference).map_err(status)?;
        let report = self.0.report(&caller, from, to, (unit, message.data_requests)).await.map_err(status)?;
        let total = Some(wire::figures(&report.total, formula));
        Ok(Response::new(pb::GetOnTimeReportResponse {
            from: from.to_string(),
            to: to.to_string(),
            as_of: Some(view::stamp(report.as_of)),
            formula: wire::formula(formula),
            data_requests: message.data_requests,
            rows: report.rows.iter().map(|row| wire::row(row, &caller.reference, formula)).collect(),
            total: Some(pb::ReportRow { own: total, with_children: total, ..pb::ReportRow::default() }),
        }))
    }

    async fn list_petitions_in_report(
        &self,
        request: Request<pb::ListPetitionsInReportRequest>,
    ) -> Answer<pb::ListPetitionsInReportResponse> {
        let (caller, message) = open(request)?;
        let cell = wire::cell(&message, &caller.reference);
        let question = pb::ListPetitionsInReportRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListPetitionsInReport", Some(caller.account), &question);
        let ((days, cell), page) = both(cell, page).map_err(status)?;
        let (found, next_token, total) = self.0.list_in_report(&caller, days, &cell, &page).await.map_err(status)?;
        let now = self.0.clock().now();
        let rounds = found.iter().map(|counted| wire::counted(counted, &caller, now)).collect();
        let page = Some(pb::PageInfo { next_token });
        Ok(Response::new(pb::ListPetitionsInReportResponse { rounds, page, total }))
    }

    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Answer<pb::ListAuditEventsResponse> {
        let (caller, message) = open(request)?;
        let filter = wire::trail(&message, &caller);
        let question = pb::ListAuditEventsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListAuditEvents", Some(caller.account), &question);
        let (filter, page) = both(filter, page).map_err(status)?;
        let reference = &caller.reference;
        let (events, next_token) = if message.directory {
            let (found, next) = self.0.directory_trail(&caller, &filter, &page).await.map_err(status)?;
            (found.into_iter().map(|event| wire::directory_event(event, reference)).collect(), next)
        } else {
            let (found, next) = self.0.trail(&caller, &filter, &page).await.map_err(status)?;
            let event = |(recorded, hash, code): (_, Vec<u8>, String)| pb::AuditEvent {
                code,
                event: Some(view::event(&recorded, &hash, None, reference)),
            };
            (found.into_iter().map(event).collect(), next)
        };
        Ok(Response::new(pb::ListAuditEventsResponse { events, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn list_reveals(&self, request: Request<pb::ListRevealsRequest>) -> Answer<pb::ListRevealsResponse> {
        let (caller, message) = open(request)?;
        let asked = identity::reveals(&message, &caller);
        let question = pb::ListRevealsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListReveals", Some(caller.account), &question);
        let ((mut filter, code), page) = both(asked, page).map_err(status)?;
        if let Some(code) = code {
            filter.petition = Some(self.0.petition_of_reveals(&caller, &code).await.map_err(status)?);
        }
        let (found, next_token) = self.0.reveals(&caller, &filter, &page).await.map_err(status)?;
        let reveals = found.into_iter().map(|kept| identity::kept(kept, &caller.reference)).collect();
        Ok(Response::new(pb::ListRevealsResponse { reveals, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn verify_audit(&self, request: Request<pb::VerifyAuditRequest>) -> Answer<pb::VerifyAuditResponse> {
        let (caller, message) = open(request)?;
        let code = wire::verify(&message).map_err(status)?;
        let verified = self.0.verify(&caller, code.as_deref()).await.map_err(status)?;
        Ok(Response::new(wire::verified(verified)))
    }
}
