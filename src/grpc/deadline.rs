//! DeadlineService.

use tonic::{Request, Response};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        calendar, deadline as wire,
        parse::{asked_as, both, page},
    },
};
use crate::{
    app::App,
    domain::calendar::{csv, ical},
    pb::{self, deadline_service_server::DeadlineService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Deadline(pub(super) App);

#[tonic::async_trait]
impl DeadlineService for Deadline {
    async fn put_calendar(&self, request: Request<pb::PutCalendarRequest>) -> Answer<pb::PutCalendarResponse> {
        let (caller, message) = open(request)?;
        let (name, unit, content) = calendar::put(&message, &caller.reference).map_err(status)?;
        let asked = asked_as("PutCalendar", &message.request_id, &message);
        let put = self.0.put_calendar(&caller, &asked, &name, unit, content).await.map_err(status)?;
        let calendar = Some(calendar::calendar(&put, true, &caller.reference));
        Ok(Response::new(pb::PutCalendarResponse { calendar }))
    }

    async fn import_calendar(&self, request: Request<pb::ImportCalendarRequest>) -> Answer<pb::ImportCalendarResponse> {
        let (caller, message) = open(request)?;
        let (name, unit, said) = calendar::import(&message, &caller.reference).map_err(status)?;
        let asked = asked_as("ImportCalendar", &message.request_id, &message);
        let put = self.0.import_calendar(&caller, &asked, (&name, unit), said).await.map_err(status)?;
        let calendar = Some(calendar::calendar(&put, true, &caller.reference));
        Ok(Response::new(pb::ImportCalendarResponse { calendar }))
    }

    async fn get_calendar(&self, request: Request<pb::GetCalendarRequest>) -> Answer<pb::GetCalendarResponse> {
        let (caller, message) = open(request)?;
        let version = calendar::sought(&message.version).map_err(status)?;
        let found = self.0.calendar(&caller, &version).map_err(status)?;
        let calendar = Some(calendar::calendar(&found, true, &caller.reference));
        Ok(Response::new(pb::GetCalendarResponse { calendar }))
    }

    async fn list_calendars(&self, request: Request<pb::ListCalendarsRequest>) -> Answer<pb::ListCalendarsResponse> {
        let (caller, _) = open(request)?;
        let all = caller.reference.calendars.all().iter();
        let calendars = all.map(|version| calendar::calendar(version, false, &caller.reference)).collect();
        Ok(Response::new(pb::ListCalendarsResponse { calendars }))
    }

    async fn export_calendar(&self, request: Request<pb::ExportCalendarRequest>) -> Answer<pb::ExportCalendarResponse> {
        let (caller, message) = open(request)?;
        let (version, format) = calendar::export(&message).map_err(status)?;
        let found = self.0.calendar(&caller, &version).map_err(status)?;
        let content = match format {
            pb::CalendarFormat::Icalendar => ical::write(&found.name, found.calendar.content()),
            _ => csv::write(found.calendar.content()),
        };
        Ok(Response::new(pb::ExportCalendarResponse { content }))
    }

    async fn preview_calendar(
        &self,
        request: Request<pb::PreviewCalendarRequest>,
    ) -> Answer<pb::PreviewCalendarResponse> {
        let (caller, message) = open(request)?;
        let question = pb::PreviewCalendarRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "PreviewCalendar", Some(caller.account), &question);
        let (version, page) = both(calendar::sought(&message.version), page).map_err(status)?;
        let preview = self.0.preview_calendar(&caller, &version, &page).await.map_err(status)?;
        Ok(Response::new(calendar::previewed(&preview)))
    }

    async fn apply_calendar(&self, request: Request<pb::ApplyCalendarRequest>) -> Answer<pb::ApplyCalendarResponse> {
        let (caller, message) = open(request)?;
        let (version, base, document) = calendar::apply(&message).map_err(status)?;
        let asked = asked_as("ApplyCalendar", &message.request_id, &message);
        let applied = self.0.apply_calendar(&caller, &asked, &version, (&base, &document)).await.map_err(status)?;
        let calendar = Some(calendar::calendar(&applied, false, &caller.reference));
        Ok(Response::new(pb::ApplyCalendarResponse { calendar }))
    }

    async fn put_policy(&self, request: Request<pb::PutPolicyRequest>) -> Answer<pb::PutPolicyResponse> {
        let (caller, message) = open(request)?;
        let (named, scope, terms) = wire::new_policy(&message, &caller.reference).map_err(status)?;
        let asked = asked_as("PutPolicy", &message.request_id, &message);
        let put = self.0.put_policy(&caller, &asked, named, scope, terms).await.map_err(status)?;
        Ok(Response::new(pb::PutPolicyResponse { policy: Some(wire::policy(&put, &caller.reference)) }))
    }

    async fn close_policy(&self, request: Request<pb::ClosePolicyRequest>) -> Answer<pb::ClosePolicyResponse> {
        let (caller, message) = open(request)?;
        let (version, until) = wire::close_policy(&message).map_err(status)?;
        let asked = asked_as("ClosePolicy", &message.request_id, &message);
        let closed = self.0.close_policy(&caller, &asked, &version, until).await.map_err(status)?;
        Ok(Response::new(pb::ClosePolicyResponse { policy: Some(wire::policy(&closed, &caller.reference)) }))
    }

    async fn get_policy(&self, request: Request<pb::GetPolicyRequest>) -> Answer<pb::GetPolicyResponse> {
        let (caller, message) = open(request)?;
        let version = calendar::sought(&message.version).map_err(status)?;
        let found = self.0.policy(&caller, &version).map_err(status)?;
        Ok(Response::new(pb::GetPolicyResponse { policy: Some(wire::policy(&found, &caller.reference)) }))
    }

    async fn list_policies(&self, request: Request<pb::ListPoliciesRequest>) -> Answer<pb::ListPoliciesResponse> {
        let (caller, _) = open(request)?;
        let all = caller.reference.policies.all().iter();
        let policies = all.map(|policy| wire::policy(policy, &caller.reference)).collect();
        Ok(Response::new(pb::ListPoliciesResponse { policies }))
    }

    async fn compute_deadline(
        &self,
        request: Request<pb::ComputeDeadlineRequest>,
    ) -> Answer<pb::ComputeDeadlineResponse> {
        let (caller, message) = open(request)?;
        let question = wire::question(&message, &caller.reference).map_err(status)?;
        let (explained, calendar, policy) = self.0.compute(&caller, &question).map_err(status)?;
        let (policy, basis) = policy.as_ref().map_or(("", ""), |won| (&won.version, &won.terms.basis));
        let explanation = Some(wire::explanation(&explained, &calendar, policy, basis));
        Ok(Response::new(pb::ComputeDeadlineResponse { explanation }))
    }
}
