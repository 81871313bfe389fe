//! `pakn trail`: every step taken, and whether the server's chain of events holds.

use clap::Subcommand;
use prost_types::Timestamp;

use super::{Run, cell, cell::Style, failure::Failure, instant, session::Session, shared::Paging};
use crate::pb;

const COLUMNS: &[&str] = &[
    "event.happened_at",
    "code",
    "event.seq",
    "event.kind",
    "event.actor",
    "event.through",
    "event.unit",
    "event.state",
];

const REVEAL_COLUMNS: &[&str] = &["happened_at", "code", "seq", "account", "unit", "reason"];

/// What to do with the trail.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists steps, newest first
    Events {
        /// Taken by this account
        #[arg(long, value_name = "LOGIN")]
        actor: Option<String>,
        /// Of this kind, as in ACCEPTED
        #[arg(long)]
        kind: Option<String>,
        /// On this day or at this instant, or later
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        from: Option<Timestamp>,
        /// Before this day or instant
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        until: Option<Timestamp>,
        /// Steps on the directory instead of on petitions
        #[arg(long)]
        directory: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Lists who has looked at the identities of petitioners, and why, newest first
    Reveals {
        /// By this account
        #[arg(long, value_name = "LOGIN")]
        account: Option<String>,
        /// Of this petition
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// On this day or at this instant, or later
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        from: Option<Timestamp>,
        /// Before this day or instant
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        until: Option<Timestamp>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Checks the chain of one petition, or of all; fails if a link is broken
    Verify {
        /// Tracking code
        code: Option<String>,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Events { actor, kind, from, until, directory, paging } => {
                let request = |page| pb::ListAuditEventsRequest {
                    actor: actor.clone().unwrap_or_default(),
                    kind: kind.clone().unwrap_or_default(),
                    from,
                    until,
                    directory,
                    page,
                };
                session.pages(paging, "events", COLUMNS, request).await
            }
            Self::Reveals { account, code, from, until, paging } => {
                let request = |page| pb::ListRevealsRequest {
                    account: account.clone().unwrap_or_default(),
                    code: code.clone().unwrap_or_default(),
                    from,
                    until,
                    page,
                };
                session.pages(paging, "reveals", REVEAL_COLUMNS, request).await
            }
            Self::Verify { code } => {
                let code = code.unwrap_or_default();
                let answer = session.call(pb::VerifyAuditRequest { code }).await?;
                session.output.record(&answer)?;
                let Some((_, broken)) = cell::at(&answer, "broken") else {
                    return Ok(());
                };
                let link = broken.as_message();
                let part = |path| link.map(|link| cell::text(link, path, Style::Exact));
                Err(Failure::broken(format!(
                    "the trail does not hold at {} event {}: {}",
                    part("code").unwrap_or_default(),
                    part("seq").unwrap_or_default(),
                    part("problem").unwrap_or_default(),
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("AuditEvent", COLUMNS);
        cell::assert_columns("Reveal", REVEAL_COLUMNS);
    }
}
