//! Calendars in messages of DeadlineService.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Weekday};

use super::{parse::Faults, view::due, words::number};
use crate::{
    app::{Error, MovedRound, Preview},
    domain::{
        calendar::{Content, Day, FIRST, Hours, LAST, Said, Special, Version, Week, Year, csv, ical},
        ids::UnitId,
        reference::Reference,
        refusal::Fault,
        text::line,
    },
    pb,
};

/// Days of the week in the order of their numbers, from 1.
const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "MONDAY"),
    (Weekday::Tue, "TUESDAY"),
    (Weekday::Wed, "WEDNESDAY"),
    (Weekday::Thu, "THURSDAY"),
    (Weekday::Fri, "FRIDAY"),
    (Weekday::Sat, "SATURDAY"),
    (Weekday::Sun, "SUNDAY"),
];

/// The stable name of a day of the week.
pub(super) fn weekday_name(weekday: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(day, _)| *day == weekday).map_or("", |(_, name)| name)
}

fn weekday_number(weekday: Weekday) -> i32 {
    i32::try_from(weekday.number_from_monday()).unwrap_or(0)
}

fn name(f: &mut Faults, typed: &str) -> String {
    let name = f.stable_code("name", typed);
    if name.chars().count() > 40 {
        f.note("name", "must have at most 40 characters");
    }
    name
}

pub(crate) fn put(
    r: &pb::PutCalendarRequest,
    reference: &Reference,
) -> Result<(String, Option<UnitId>, Content), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let name = name(&mut f, &r.name);
    let unit = f.unit("unit", &r.unit, reference);
    let week = week(&mut f, "", &r.weekdays, &r.office_hours);
    if r.years.len() > 301 {
        f.note("years", "must be at most 301");
    }
    let mut content = Content { week, years: BTreeMap::new() };
    let mut days = Vec::new();
    for (n, given) in r.years.iter().take(301).enumerate() {
        let at = format!("years[{n}].");
        if !(FIRST..=LAST).contains(&given.year) {
            f.note(&format!("{at}year"), format!("must be {FIRST} to {LAST}"));
        }
        let own = !given.weekdays.is_empty() || !given.office_hours.is_empty();
        let week = own.then(|| self::week(&mut f, &at, &given.weekdays, &given.office_hours));
        if content.years.insert(given.year, Year { published: given.published, week, days: BTreeMap::new() }).is_some()
        {
            f.note(&format!("{at}year"), format!("{} is named twice", given.year));
        }
        for (m, day) in given.days.iter().take(400).enumerate() {
            let field = format!("{at}days[{m}]");
            let name = f.text(&format!("{field}.name"), &day.name, line(shortest(day.worked), 200));
            let Some(date) = f.date(&format!("{field}.date"), &day.date) else { continue };
            if !(FIRST..=LAST).contains(&given.year) {
                // Named once, for the year.
                continue;
            }
            if date.year() != given.year {
                f.note(&format!("{field}.date"), format!("{date} is not in {}", given.year));
            } else {
                days.push(Special { date, day: Day { worked: day.worked, name } });
            }
        }
        if given.days.len() > 400 {
            f.note(&format!("{at}days"), "must be at most 400");
        }
    }
    let published = content.years.iter().map(|(year, given)| (*year, given.published)).collect();
    if let Err(faults) = content.put(Said { days, published }) {
        faults.into_iter().for_each(|fault| f.note("years", fault));
    }
    f.or((name, unit, content))
}

fn week(f: &mut Faults, at: &str, weekdays: &[i32], office_hours: &[String]) -> Week {
    let mut days: Vec<Weekday> = Vec::new();
    for (n, number) in weekdays.iter().take(8).enumerate() {
        let found = WEEKDAYS.iter().find(|(day, _)| weekday_number(*day) == *number);
        match found {
            Some((day, _)) if !days.contains(day) => days.push(*day),
            Some((_, name)) => f.note(&format!("{at}weekdays[{n}]"), format!("{name} is named twice")),
            None => f.note(&format!("{at}weekdays[{n}]"), format!("{number} is not a value of it")),
        }
    }
    if office_hours.len() > 20 {
        f.note(&format!("{at}office_hours"), "must be at most 20");
    }
    let mut hours: Vec<Hours> = Vec::new();
    for (n, typed) in office_hours.iter().take(20).enumerate() {
        match typed.chars().take(20).collect::<String>().parse() {
            Ok(read) => hours.push(read),
            Err(_) => f.note(&format!("{at}office_hours[{n}]"), "is not of the form 08:00-12:00"),
        }
    }
    Week { days, hours }
}

/// Characters of a day's name at the least: a day off is explained by it.
const fn shortest(worked: bool) -> usize {
    if worked { 0 } else { 1 }
}

/// Name, unit, what the file says.
pub(crate) type Import = (String, Option<UnitId>, Said);

pub(crate) fn import(r: &pb::ImportCalendarRequest, reference: &Reference) -> Result<Import, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let name = name(&mut f, &r.name);
    let unit = f.unit("unit", &r.unit, reference);
    let content = if r.content.len() > 1 << 20 {
        f.note("content", "must be at most 1 MiB");
        ""
    } else {
        r.content.as_str()
    };
    let said = match format(&mut f, r.format) {
        Some(pb::CalendarFormat::Csv) => csv::read(content),
        Some(pb::CalendarFormat::Icalendar) => ical::read(content),
        _ => Ok(Said::default()),
    };
    let mut said = said.unwrap_or_else(|faults| {
        f.extend(faults.into_iter().take(200).map(|fault| Fault::new("content", fault)));
        Said::default()
    });
    for special in &said.days {
        let bounds = line(shortest(special.day.worked), 200);
        if let Err(what) = crate::domain::text::parse(&special.day.name, bounds) {
            f.note("content", format!("{}: its name {what}", special.date));
        }
    }
    if r.unpublished {
        said.published = said.years().map(|year| (year, false)).collect();
    }
    f.or((name, unit, said))
}

fn format(f: &mut Faults, number: i32) -> Option<pb::CalendarFormat> {
    match pb::CalendarFormat::try_from(number) {
        Ok(pb::CalendarFormat::Unspecified) => {
            f.note("format", "is required");
            None
        }
        Ok(format) => Some(format),
        Err(_) => {
            f.note("format", format!("{number} is not a value of it"));
            None
        }
    }
}

/// A version that is looked for.
pub(crate) fn sought(typed: &str) -> Result<String, Error> {
    let mut f = Faults::default();
    let version = f.text("version", typed, line(1, 60));
    f.or(version)
}

/// A version to export, and as what.
pub(crate) fn export(r: &pb::ExportCalendarRequest) -> Result<(String, pb::CalendarFormat), Error> {
    let mut f = Faults::default();
    let version = f.text("version", &r.version, line(1, 60));
    let read = format(&mut f, r.format).map(|format| (version, format));
    f.or_some(read)
}

/// A version to apply, on what base, by which document.
pub(crate) fn apply(r: &pb::ApplyCalendarRequest) -> Result<(String, String, String), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let version = f.text("version", &r.version, line(1, 60));
    let base = f.text("base", &r.base, line(0, 60));
    let document = f.text("document", &r.document, line(0, 100));
    f.or((version, base, document))
}

/// A version, with its days or without.
pub(crate) fn calendar(version: &Version, with_days: bool, reference: &Reference) -> pb::Calendar {
    let content = version.calendar.content();
    let (weekdays, office_hours) = shown_week(&content.week);
    let year = |(year, given): (&i32, &Year)| {
        let (weekdays, office_hours) = given.week.as_ref().map(shown_week).unwrap_or_default();
        let day = |(date, day): (&chrono::NaiveDate, &Day)| pb::SpecialDay {
            date: date.to_string(),
            worked: day.worked,
            name: day.name.clone(),
        };
        let days = if with_days { given.days.iter().map(day).collect() } else { Vec::new() };
        pb::CalendarYear { year: *year, published: given.published, weekdays, office_hours, days }
    };
    pb::Calendar {
        version: version.calendar.version.clone(),
        name: version.name.clone(),
        unit: version.unit.map_or("", |unit| reference.units.code(unit)).to_owned(),
        active: version.active,
        weekdays,
        office_hours,
        years: content.years.iter().map(year).collect(),
    }
}

fn shown_week(week: &Week) -> (Vec<i32>, Vec<String>) {
    (week.days.iter().map(|day| weekday_number(*day)).collect(), week.hours.iter().map(ToString::to_string).collect())
}

pub(crate) fn previewed(preview: &Preview) -> pb::PreviewCalendarResponse {
    let round = |round: &MovedRound| pb::MovedRound {
        code: round.code.clone(),
        clock: number(round.clock),
        from: Some(due(&round.from)),
        to: Some(due(&round.to)),
        reply: round.clock.is_none(),
    };
    pb::PreviewCalendarResponse {
        base: preview.base.clone(),
        looked_at: preview.looked_at,
        moved: preview.moved,
        earlier: preview.earlier,
        later: preview.later,
        rounds: preview.rounds.iter().map(round).collect(),
        past_days: preview.past_days.iter().map(ToString::to_string).collect(),
        page: Some(pb::PageInfo { next_token: preview.next.clone() }),
    }
}
