//! `pakn deadline`: the calculator, offline, from the shipped calendar.

use chrono::{DateTime, NaiveDate, NaiveTime};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Failure;
use crate::{
    client,
    domain::{
        calendar::Calendar,
        deadline::{Count, LONGEST, Span},
        time::{Instant, Zone, truncate},
    },
    grpc,
};

/// What to count.
#[derive(Debug, Args)]
pub(super) struct Question {
    /// The event: a local day, or an instant with an offset (2026-02-13T09:15:00+07:00)
    #[arg(long, value_name = "WHEN")]
    received: String,
    /// How many
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST)))]
    amount: u32,
    /// Of what
    #[arg(long, value_enum)]
    unit: Unit,
    /// Local time of day from which on the event counts as one of the next working day
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    cutoff: Option<NaiveTime>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unit {
    WorkingDay,
    CalendarDay,
    WorkingHour,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A small calendar
    Table,
    /// The plain data
    Json,
}

fn time_of_day(typed: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(typed, "%H:%M").map_err(|_| "not a time of day: HH:MM".to_owned())
}

/// Counts, and prints the result day by day.
pub(super) fn run(question: &Question) -> Result<(), Failure> {
    let zone = Zone(chrono_tz::Asia::Ho_Chi_Minh);
    let calendar = Calendar::shipped().map_err(|faults| Failure::new(faults.join("; ")))?;
    let from = event(&question.received, zone)?;
    let span = match question.unit {
        Unit::WorkingDay => Span::WorkingDays(question.amount),
        Unit::CalendarDay => Span::CalendarDays(question.amount),
        Unit::WorkingHour => Span::WorkingHours(question.amount),
    };
    let count = Count { cutoff: question.cutoff, ..Count::plain(from, span) };
    let explained = count.explain(&calendar, zone);
    if explained.ends_beyond() {
        let last = crate::domain::calendar::LAST;
        return Err(Failure::new(format!(
            "--amount {} leads past {last}, the last year that a calendar knows",
            question.amount
        )));
    }
    let shown = grpc::explanation(&explained, &calendar.version, "", "");
    let due = &explained.due;
    let at = due.at.with_timezone(&zone.0).to_rfc3339();
    match question.format {
        Format::Json => {
            let days: Vec<serde_json::Value> = shown.spans.iter().flat_map(|span| &span.days).map(day).collect();
            let answer = json!({
                "due_date": due.date.to_string(),
                "due_at": at,
                "provisional": due.provisional,
                "calendar": calendar.version,
                "days": days,
            });
            println!("{answer:#}");
        }
        Format::Table => {
            println!("{}", client::explained(&shown));
            println!("due {}: in time before {at}", due.date);
            if due.provisional {
                println!("provisional: it counts through a year that has not been published");
            }
        }
    }
    Ok(())
}

fn day(day: &crate::pb::ExplainedDay) -> serde_json::Value {
    let mark = day.mark().as_str_name();
    json!({
        "date": day.date,
        "mark": mark.strip_prefix("DAY_MARK_").unwrap_or(mark),
        "n": day.n,
        "of": day.of,
        "day_off": day.day_off,
        "name": day.name,
    })
}

fn event(typed: &str, zone: Zone) -> Result<Instant, Failure> {
    let day = typed.parse::<NaiveDate>().ok().map(|day| zone.midnight(day));
    let instant = day.or_else(|| DateTime::parse_from_rfc3339(typed).ok().map(|instant| truncate(instant.to_utc())));
    let known = instant.filter(|instant| (crate::domain::calendar::FIRST..=2190).contains(&zone.year(*instant)));
    known.ok_or_else(|| {
        let what = "is neither a day of 1900 to 2190 (2026-02-13) nor an instant with an offset";
        Failure::new(format!("--received {typed}: {what}"))
    })
}
