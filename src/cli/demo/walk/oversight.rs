//! The supervisor looks it over: every step, the unit's figures, the chain of hashes.

use super::{Failure, State, Walk, ask};
use crate::pb;

impl Walk {
    /// The steps taken, the figures they made, and that nobody rewrote them.
    pub(super) async fn is_looked_over(&mut self) -> Result<(), Failure> {
        let request = pb::GetPetitionRequest { code: self.code.clone() };
        let found = ask!(self as "supervisor", casework_service_client::CaseworkServiceClient.get_petition(request));
        let petition = found.petition.unwrap_or_default();
        let summary = petition.summary.unwrap_or_default();
        let note = format!(
            "round {}, {} return, {} extension, publication {}",
            petition.round,
            petition.returns,
            petition.extensions,
            summary.publication().as_str_name().trim_start_matches("PUBLICATION_STATE_")
        );
        self.stands("GetPetition", "supervisor", summary.state(), State::Answered, &note)?;
        let request = pb::ListPetitionEventsRequest { code: self.code.clone(), page: None };
        let listed =
            ask!(self as "supervisor", casework_service_client::CaseworkServiceClient.list_petition_events(request));
        let count = listed.events.len();
        self.told(
            "ListPetitionEvents",
            "supervisor",
            "",
            "",
            &format!("{count} events, each with the hash of the one before it"),
        );
        println!();
        for event in &listed.events {
            let state = super::name(event.state());
            let hash = event.hash.get(..12).unwrap_or_default();
            println!("      {:>2}  {:<24}{:<20}{state:<19}{hash}…", event.seq, event.kind, event.actor);
        }
        println!();
        self.reports().await?;
        self.verifies().await
    }

    async fn reports(&mut self) -> Result<(), Failure> {
        let (from, to) = self.period;
        let request = pb::GetOnTimeReportRequest {
            from: from.to_string(),
            to: to.to_string(),
            ..pb::GetOnTimeReportRequest::default()
        };
        let report = ask!(self as "supervisor", supervision_service_client::SupervisionServiceClient.get_on_time_report(request));
        let note = format!("{from} until before {to}: the unit's row, and the total");
        self.told("GetOnTimeReport", "supervisor", "", "", &note);
        println!();
        let row = report.rows.iter().find(|row| row.unit == "CUC-TS");
        for (unit, row) in [("CUC-TS", row), ("total", report.total.as_ref())] {
            show(unit, &row.and_then(|row| row.with_children).unwrap_or_default())?;
        }
        println!();
        Ok(())
    }

    async fn verifies(&mut self) -> Result<(), Failure> {
        let request = pb::VerifyAuditRequest { code: String::new() };
        let verified =
            ask!(self as "supervisor", supervision_service_client::SupervisionServiceClient.verify_audit(request));
        if let Some(broken) = verified.broken {
            return Err(Failure::new(format!(
                "the trail is broken: {} event {}: {}",
                broken.code, broken.seq, broken.problem
            )));
        }
        let note = format!("whole: {} petitions, {} events", verified.petitions, verified.events);
        self.told("VerifyAudit", "supervisor", "", "", &note);
        Ok(())
    }
}

/// A row of figures, as the sums that it must make.
fn show(unit: &str, f: &pb::ReportFigures) -> Result<(), Failure> {
    println!(
        "      {unit:<8}carried in {} + received {} = handled {} + pending {} + refused {} + withdrawn {} + transferred {}",
        f.carried_in, f.received, f.handled, f.pending, f.refused, f.withdrawn, f.transferred
    );
    println!(
        "              handled = early {} + on time {} + late {}; pending = within {} + overdue {}; rate {} of {}",
        f.early, f.on_time, f.late, f.within, f.overdue, f.rate_numerator, f.rate_denominator
    );
    let reconciles = f.carried_in + f.received == f.handled + f.pending + f.refused + f.withdrawn + f.transferred
        && f.handled == f.early + f.on_time + f.late
        && f.pending == f.within + f.overdue;
    if reconciles { Ok(()) } else { Err(Failure::new(format!("the figures of {unit} do not reconcile"))) }
}
