//! `pakn calendar`: working calendars, for administrators.

use std::path::PathBuf;

use clap::Subcommand;
use prost_reflect::DynamicMessage;

use super::{Run, cell, contract::one_of, failure::Failure, json, output, prose, session::Session, shared::Once};
use crate::pb;

const COLUMNS: &[&str] = &["version", "name", "unit", "active"];
const MOVED: &[&str] = &["code", "clock", "reply", "from", "to"];

/// What to do with calendars.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists all versions, oldest first
    List,
    /// Shows a version with its days
    Show {
        /// Version; a name alone means the one in use
        version: String,
    },
    /// Adds a version from a JSON file, as `show --format json` prints one; not in use before it is applied
    Put {
        /// The file, or `-`
        file: PathBuf,
        #[command(flatten)]
        once: Once,
    },
    /// Adds a version from a CSV or iCalendar file; not in use before it is applied
    Import {
        /// The file (.csv, .ics), or `-`
        file: PathBuf,
        /// The calendar to go on from
        #[arg(long, default_value = "vn")]
        name: String,
        /// Code of the unit for which it is; the whole installation if left out
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// What the file is, if its name does not say
        #[arg(id = "as", long = "as", value_name = "FORMAT", ignore_case = true, value_parser = one_of::<pb::CalendarFormat>())]
        format: Option<i32>,
        /// Leaves all years that the file names unpublished, whatever it says of them
        #[arg(long)]
        unpublished: bool,
        #[command(flatten)]
        once: Once,
    },
    /// Writes the special days of a version as a file
    Export {
        /// Version; a name alone means the one in use
        #[arg(default_value = "vn")]
        version: String,
        /// As what
        #[arg(id = "as", long = "as", value_name = "FORMAT", ignore_case = true, default_value = "csv", value_parser = one_of::<pb::CalendarFormat>())]
        format: i32,
    },
    /// Says which open rounds a version would move, from when to when; all of them
    Preview {
        /// Version
        version: String,
        /// How many moves to list at the most [default: all]
        #[arg(long, value_name = "N")]
        size: Option<usize>,
    },
    /// Takes a version into use; open rounds are then counted anew
    Apply {
        /// Version
        version: String,
        /// The version in use when it was previewed
        #[arg(long, value_name = "VERSION")]
        base: Option<String>,
        /// Number of the paper that orders it; where days of the past change
        #[arg(long, value_name = "NUMBER")]
        document: Option<String>,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => session.list(pb::ListCalendarsRequest {}, "calendars", COLUMNS).await,
            Self::Show { version } => session.show(pb::GetCalendarRequest { version }).await,
            Self::Put { file, once } => {
                let kept: pb::Calendar = json::file(&file, "Calendar", "calendar")?;
                let pb::Calendar { name, unit, weekdays, office_hours, years, .. } = kept;
                let request_id = once.id();
                let request = pb::PutCalendarRequest { name, unit, weekdays, office_hours, years, request_id };
                kept_version(&session.call(request).await?, session)
            }
            Self::Import { file, name, unit, format, unpublished, once } => {
                let ical = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ics"));
                let guess = if ical { pb::CalendarFormat::Icalendar } else { pb::CalendarFormat::Csv };
                let format = format.unwrap_or(guess.into());
                let content = prose::file(&file)?;
                let unit = unit.unwrap_or_default();
                let request_id = once.id();
                let request = pb::ImportCalendarRequest { name, unit, format, content, unpublished, request_id };
                kept_version(&session.call(request).await?, session)
            }
            Self::Export { version, format } => {
                let answer = session.call(pb::ExportCalendarRequest { version, format }).await?;
                let content = answer.get_field_by_name("content");
                let text = content.as_deref().and_then(prost_reflect::Value::as_str).unwrap_or_default();
                output::print(text.trim_end())
            }
            Self::Preview { version, size } => {
                let request = |page| pb::PreviewCalendarRequest { version: version.clone(), page };
                let answer = session.whole("rounds", size.unwrap_or(usize::MAX), request).await?;
                session.output.rows(&answer, "rounds", MOVED)?;
                let text = |field: &str| cell::text(&answer, field, cell::Style::Exact);
                output::remark(&format!(
                    "{} of {} open rounds move: {} answers later, {} earlier; in use now: {}",
                    text("moved"),
                    text("looked_at"),
                    text("later"),
                    text("earlier"),
                    text("base"),
                ));
                let read: pb::PreviewCalendarResponse =
                    answer.transcode_to().map_err(|error| Failure::broken(error.to_string()))?;
                let past = read.past_days;
                if !past.is_empty() {
                    let what = "to apply it takes --document, and an administrator who did not put it";
                    output::remark(&format!("days of the past change, {what}: {}", past.join(" ")));
                }
                Ok(())
            }
            Self::Apply { version, base, document, once } => {
                let (base, document) = (base.unwrap_or_default(), document.unwrap_or_default());
                session.show(pb::ApplyCalendarRequest { version, base, document, request_id: once.id() }).await
            }
        }
    }
}

/// Shows a version that was added, and says what comes next.
fn kept_version(answer: &DynamicMessage, session: &Session) -> Result<(), Failure> {
    let version = cell::text(answer, "calendar.version", cell::Style::Exact);
    output::remark(&format!("{version} is kept; see `pakn calendar preview {version}`, then apply it"));
    session.output.record(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("Calendar", COLUMNS);
        cell::assert_columns("MovedRound", MOVED);
    }
}
