//! An explanation of a due date as a small calendar: a row a week, a cell a day.

use chrono::{Datelike as _, Days, NaiveDate};

use super::{output, plain};
use crate::pb::{self, DayMark, TimeUnit};

const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The calendar of an explanation, with a line above for each span and the names of days below.
pub fn calendar(explanation: &pb::Explanation) -> String {
    let mut parts = Vec::new();
    let mut named = Vec::new();
    for (place, span) in explanation.spans.iter().enumerate() {
        let amount = span.span.as_ref().map(said).unwrap_or_default();
        let mut days: Vec<(NaiveDate, String)> =
            span.days.iter().filter_map(|day| Some((day.date.parse().ok()?, mark(day)))).collect();
        if place + 1 == explanation.spans.len()
            && let Some((_, last)) = days.last_mut()
        {
            last.push_str(" DUE");
        }
        if let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) {
            parts.push(format!("{amount}, {first} to {last}"));
            parts.push(weeks(&days));
        }
        named.extend(span.days.iter().filter(|day| !day.name.is_empty()).map(|day| {
            let kind = if day.day_off.is_empty() { " (worked)" } else { "" };
            format!("{}  {}{kind}", day.date, plain::line(&day.name))
        }));
    }
    parts.extend((!named.is_empty()).then(|| named.join("\n")));
    parts.join("\n")
}

/// An amount of time in words.
pub fn said(span: &pb::Span) -> String {
    let unit = match span.unit() {
        TimeUnit::WorkingDay => "working day",
        TimeUnit::CalendarDay => "calendar day",
        TimeUnit::WorkingHour => "working hour",
        TimeUnit::Unspecified => "",
    };
    format!("{} {unit}{}", span.amount, if span.amount == 1 { "" } else { "s" })
}

fn weeks(days: &[(NaiveDate, String)]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut monday = None;
    for (date, mark) in days {
        let start = *date - Days::new(u64::from(date.weekday().num_days_from_monday()));
        if monday != Some(start) {
            monday = Some(start);
            rows.push(
                std::iter::once(start.format("%d/%m/%Y").to_string()).chain(WEEK.map(|_| String::new())).collect(),
            );
        }
        let place = date.weekday().num_days_from_monday() as usize + 1;
        if let Some(cell) = rows.last_mut().and_then(|row| row.get_mut(place)) {
            *cell = format!("{:02} {mark}", date.day());
        }
    }
    let headings: Vec<String> = std::iter::once("week of").chain(WEEK).map(str::to_owned).collect();
    output::table(&headings, &rows)
}

fn mark(day: &pb::ExplainedDay) -> String {
    match day.mark() {
        DayMark::Event => "event".to_owned(),
        DayMark::AfterCutOff => "after cut-off".to_owned(),
        DayMark::Counted => day.n.to_string(),
        DayMark::Hours => format!("{}:{:02} of {}:{:02}", day.n / 60, day.n % 60, day.of / 60, day.of % 60),
        DayMark::Off if day.day_off == "HOLIDAY" => "holiday".to_owned(),
        DayMark::Off | DayMark::Unspecified => "off".to_owned(),
        DayMark::Paused => format!("pause {}", day.n),
        DayMark::Moved => "moved on".to_owned(),
        DayMark::MovedTo => "to".to_owned(),
        DayMark::Held => "held".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_can_read_it() {
        let day = |date: &str, mark: DayMark, n, off: &str, name: &str| pb::ExplainedDay {
            date: date.to_owned(),
            mark: mark.into(),
            n,
            of: 2,
            day_off: off.to_owned(),
            name: name.to_owned(),
        };
        let explanation = pb::Explanation {
            spans: vec![pb::ExplainedSpan {
                span: Some(pb::Span { amount: 2, unit: TimeUnit::WorkingDay.into() }),
                days: vec![
                    day("2026-01-08", DayMark::Event, 0, "", ""),
                    day("2026-01-09", DayMark::Counted, 1, "", ""),
                    day("2026-01-10", DayMark::Counted, 2, "", "thứ Bảy làm bù"),
                ],
            }],
            ..pb::Explanation::default()
        };
        let shown = calendar(&explanation);
        for part in [
            "2 working days, 2026-01-08 to 2026-01-10",
            "| 08 event |",
            "| 09 1 |",
            "| 10 2 DUE |",
            "thứ Bảy làm bù (worked)",
        ] {
            assert!(shown.contains(part), "{part}:\n{shown}");
        }
    }
}
