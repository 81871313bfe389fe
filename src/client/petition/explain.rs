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

const OWN_LEDGER: &[&str] = &["recorded_at", "step", "due", "event", "policy", "calendar", "reason", "document"];

/// Shows the clocks of a petition, day by day, and their ledger; to the petitioner that of the answer.
pub(super) async fn run(
    code: String,
    proof: Option<pb::Proof>,
    round: i32,
    session: &mut Session,
) -> Result<(), Failure> {
    if proof.is_some() {
        return own(pb::ExplainOwnDeadlineRequest { code, proof, round }, session).await;
    }
    let answer = session.call(pb::ExplainDeadlineRequest { code, round }).await?;
    if session.output.format != Format::Table {
        return session.output.record(&answer);
    }
    let read: pb::ExplainDeadlineResponse =
        answer.transcode_to().map_err(|error| Failure::broken(error.to_string()))?;
    for one in &read.clocks {
        clock(short(one.clock().as_str_name(), "CLOCK_"), one.run(), one.explanation.as_ref())?;
    }
    let had = &["unit", "round", "since", "until"];
    session.output.rows(&answer, "custody", had)?;
    let ledger = &["recorded_at", "clock", "step", "due", "event", "actor", "policy", "calendar", "reason", "document"];
    session.output.rows(&answer, "ledger", ledger)
}

async fn own(request: pb::ExplainOwnDeadlineRequest, session: &mut Session) -> Result<(), Failure> {
    let answer = session.call(request).await?;
    if session.output.format != Format::Table {
        return session.output.record(&answer);
    }
    let read: pb::ExplainOwnDeadlineResponse =
        answer.transcode_to().map_err(|error| Failure::broken(error.to_string()))?;
    clock("ANSWER", read.run(), read.explanation.as_ref())?;
    session.output.rows(&answer, "ledger", OWN_LEDGER)
}

fn clock(name: &str, run: pb::ClockRun, explanation: Option<&pb::Explanation>) -> Result<(), Failure> {
    let run = short(run.as_str_name(), "CLOCK_RUN_").to_lowercase();
    let Some(explanation) = explanation else {
        return output::print(&format!("{name}: {run}; its ledger is older than explanations\n"));
    };
    let due = explanation.due.clone().unwrap_or_default();
    let provisional = if due.provisional { ", provisional" } else { "" };
    output::print(&format!(
        "{name}: due {}{provisional}, {run}; policy {}, calendar {}\n{}\n",
        due.date,
        explanation.policy,
        explanation.calendar,
        explained::calendar(explanation)
    ))
}

fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("OwnLedgerEntry", OWN_LEDGER);
    }
}
