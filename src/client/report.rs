//! `pakn report`: on-time rates, and exactly the petitions that a cell counts. How figures look is in `figures`.

use clap::{Args, Subcommand, ValueEnum};
use prost_types::Timestamp;

use super::{
    Run, cell,
    cell::Style,
    failure::Failure,
    figures::{self, Layout},
    instant,
    output::{self, Format},
    session::Session,
    shared::Paging,
};
use crate::pb;

const COLUMNS: &[&str] = &[
    "petition.code",
    "round",
    "unit",
    "received_at",
    "answer_due",
    "ended_at",
    "verdict",
    "petition.state",
    "petition.title",
];

/// What to report.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Counts the rounds of a period by unit, and the rate that was on time
    OnTime {
        #[command(flatten)]
        period: Period,
        /// How the rate is worked out
        #[arg(long, value_enum, ignore_case = true, default_value_t = Formula::Due)]
        formula: Formula,
        /// In tables and CSV the units' own rounds, without those of the units below them
        #[arg(long)]
        own: bool,
        /// Every column in a table; JSON and CSV have them all
        #[arg(long)]
        wide: bool,
    },
    /// Lists exactly the petitions that one cell of the report counts
    Petitions {
        #[command(flatten)]
        period: Period,
        /// The cell's column
        #[arg(long, value_name = "NAME", value_parser = figures::COLUMNS)]
        column: String,
        /// The unit's own, without those of the units below it
        #[arg(long, requires = "unit")]
        own: bool,
        /// The report's `as_of`; then the list is what that report counted [default: now]
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        as_of: Option<Timestamp>,
        #[command(flatten)]
        paging: Paging,
    },
}

/// The period and the unit of a report.
#[derive(Debug, Args)]
pub struct Period {
    /// First local day, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = instant::day)]
    from: String,
    /// The local day after the last, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = instant::day)]
    to: String,
    /// Code of the top unit [default: all that you oversee]
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// On requests of data subjects, which have a report of their own
    #[arg(long)]
    data_requests: bool,
}

/// A formula of the rate.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Formula {
    /// (early + on_time) / (handled + overdue + ended_late)
    #[value(alias = "due_basis")]
    Due,
    /// (early + on_time) / handled
    #[value(alias = "answered_basis")]
    Answered,
    /// (carried_in + received - late - overdue - ended_late) / (carried_in + received)
    #[value(alias = "total_basis")]
    Total,
}

impl From<Formula> for pb::RateFormula {
    fn from(formula: Formula) -> Self {
        match formula {
            Formula::Due => Self::DueBasis,
            Formula::Answered => Self::AnsweredBasis,
            Formula::Total => Self::TotalBasis,
        }
    }
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::OnTime { period, formula, own, wide } => {
                let request = pb::GetOnTimeReportRequest {
                    from: period.from,
                    to: period.to,
                    unit: period.unit.unwrap_or_default(),
                    formula: pb::RateFormula::from(formula).into(),
                    data_requests: period.data_requests,
                };
                let report = session.call(request).await?;
                let layout = Layout { own, wide };
                match session.output.format {
                    Format::Json => output::value(&figures::value(&report)),
                    Format::Csv => {
                        let (headings, rows) = layout.sheet(&report);
                        output::sheet(&headings, &rows)
                    }
                    Format::Table => {
                        let (headings, rows) = layout.table(&report);
                        output::print(&output::table(&headings, &rows))?;
                        let said = |path| cell::text(&report, path, Style::Exact);
                        output::remark(&format!("{} as of {}", said("formula"), said("as_of")));
                        Ok(())
                    }
                }
            }
            Self::Petitions { period, column, own, as_of, paging } => {
                let request = |page| pb::ListPetitionsInReportRequest {
                    from: period.from.clone(),
                    to: period.to.clone(),
                    unit: period.unit.clone().unwrap_or_default(),
                    with_children: !own,
                    column: column.clone(),
                    as_of,
                    page,
                    data_requests: period.data_requests,
                };
                session.pages(paging, "rounds", COLUMNS, request).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("ReportedRound", COLUMNS);
    }
}
