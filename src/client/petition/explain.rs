//! How a petition's dates come about, as a person can read it.

use crate::{
    client::{
        explained,
        failure::Failure,
        output::{self, Format},
        session::Session,
    },
    pb,
};

/// Shows the clocks of a petition, day by day, and their ledger.
pub(super) async fn run(code: String, session: &mut Session) -> Result<(), Failure> {
    let answer = session.call(pb::ExplainDeadlineRequest { code }).await?;
    if session.output.format != Format::Table {
        return session.output.record(&answer);
    }
    let read: pb::ExplainDeadlineResponse =
        answer.transcode_to().map_err(|error| Failure::broken(error.to_string()))?;
    for clock in &read.clocks {
        let name = short(clock.clock().as_str_name(), "CLOCK_");
        let run = short(clock.run().as_str_name(), "CLOCK_RUN_").to_lowercase();
        let Some(explanation) = &clock.explanation else {
            output::print(&format!("{name}: {run}; its ledger is older than explanations\n"))?;
            continue;
        };
        let due = explanation.due.clone().unwrap_or_default();
        let provisional = if due.provisional { ", provisional" } else { "" };
        output::print(&format!(
            "{name}: due {}{provisional}, {run}; policy {}, calendar {}\n{}\n",
            due.date,
            explanation.policy,
            explanation.calendar,
            explained::calendar(explanation)
        ))?;
    }
    let had = &["unit", "round", "since", "until"];
    session.output.rows(&answer, "custody", had)?;
    let ledger = &["recorded_at", "clock", "step", "due", "event", "actor", "policy", "calendar", "reason", "document"];
    session.output.rows(&answer, "ledger", ledger)
}

fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}
