//! Special days as iCalendar (RFC 5545): an all-day event each, its category `WORKED` for a day moved into work. What no day
//! says of a year, a property of the calendar does.

use chrono::{Days, NaiveDate};
use icalendar::{
    CalendarComponent, CalendarDateTime, Component as _, DatePerhapsTime, Event, EventLike as _, Property,
};

use super::{
    Content, Day, Special,
    csv::{Said, status, unsaid, word, years},
};
use crate::domain::time;

/// How deep components may lie in one another.
const DEEPEST: usize = 4;
/// Days that one event may last.
const LONGEST: u64 = 366;

/// Reads all-day events; of more than one day, each of them.
///
/// # Errors
/// Every event that is not an all-day one with a start, or that recurs: recurring days are given one by one, since
/// nobody publishes days off for ever.
pub fn read(text: &str) -> Result<Said, Vec<String>> {
    // The parser goes down a level with each BEGIN, as deep as the file likes.
    if depth(text) > DEEPEST {
        return Err(vec![format!("is not an iCalendar file of days: components lie {DEEPEST} deep at the most")]);
    }
    let calendar: icalendar::Calendar =
        text.parse().map_err(|error: String| vec![format!("is not an iCalendar file: {}", brief(&error))])?;
    let (mut said, mut faults) = (Said::default(), Vec::new());
    for published in [true, false] {
        match years(calendar.property_value(&property(published)).unwrap_or_default()) {
            Ok(years) => said.published.extend(years.into_iter().map(|year| (year, published))),
            Err(fault) => faults.push(format!("{}: {}", property(published), brief(&fault))),
        }
    }
    let events = calendar.components.iter().filter_map(CalendarComponent::as_event);
    let events = events.filter(|event| event.property_value("STATUS") != Some("CANCELLED"));
    for (place, event) in events.enumerate() {
        let name = event.get_summary().unwrap_or_default().trim().to_owned();
        match covered(event) {
            Ok(dates) => {
                let day = Day { worked: works(event), name };
                said.days.extend(dates.into_iter().map(|date| Special { date, day: day.clone() }));
            }
            Err(what) => faults.push(format!("event {} ({}): {what}", place + 1, brief(&name))),
        }
    }
    if said == Said::default() && faults.is_empty() {
        faults.push("has no event".to_owned());
    }
    if faults.is_empty() { Ok(said) } else { Err(faults) }
}

/// The property that lists years which are published or not.
fn property(published: bool) -> String {
    format!("X-PAKN-{}", word(published).to_ascii_uppercase())
}

/// How deep components lie in one another.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for line in icalendar::parser::unfold(text).lines() {
        let name = line.trim_start().split([':', ';']).next().unwrap_or_default();
        if name.eq_ignore_ascii_case("BEGIN") {
            depth += 1;
            deepest = deepest.max(depth);
        } else if name.eq_ignore_ascii_case("END") {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// The days of an event, its end exclusive.
fn covered(event: &Event) -> Result<Vec<NaiveDate>, String> {
    let rule = ["RRULE", "RDATE", "EXRULE"]
        .into_iter()
        .find(|key| event.properties().contains_key(*key) || event.multi_properties().contains_key(*key));
    if rule.is_some() {
        return Err("recurs; give each day as an event of its own".to_owned());
    }
    if event.properties().contains_key("DURATION") {
        return Err("has a DURATION; give DTEND instead".to_owned());
    }
    let unread = |key: &str| event.properties().contains_key(key).then(|| format!("has a {key} that cannot be read"));
    let first = date(event.get_start(), "DTSTART")?;
    let first = first.ok_or_else(|| unread("DTSTART").unwrap_or_else(|| "has no DTSTART".to_owned()))?;
    let end = date(event.get_end(), "DTEND")?;
    if let (None, Some(unread)) = (end, unread("DTEND")) {
        return Err(unread);
    }
    let end = end.or_else(|| first.checked_add_days(Days::new(1)));
    // Many write the day itself as the end of a day.
    let end = end.map(|end| if end == first { time::next(first) } else { end });
    let end = end.filter(|end| *end > first).ok_or("ends before it starts")?;
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day < end).take(LONGEST as usize + 1).collect();
    if days.len() as u64 > LONGEST {
        return Err(format!("lasts more than {LONGEST} days"));
    }
    Ok(days)
}

fn date(when: Option<DatePerhapsTime>, which: &str) -> Result<Option<NaiveDate>, String> {
    match when {
        None => Ok(None),
        Some(DatePerhapsTime::Date(date)) => Ok(Some(date)),
        Some(DatePerhapsTime::DateTime(
            CalendarDateTime::Floating(_) | CalendarDateTime::Utc(_) | CalendarDateTime::WithTimezone { .. },
        )) => Err(format!("{which} has a time; only whole days are read")),
    }
}

fn works(event: &Event) -> bool {
    let single = event.property_value("CATEGORIES").into_iter();
    let many = event.multi_properties().get("CATEGORIES").into_iter().flatten().map(Property::value);
    single.chain(many).flat_map(|list| list.split(',')).any(|category| category.trim().eq_ignore_ascii_case("WORKED"))
}

fn brief(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

/// Writes the special days of all years, and what they do not say. The same content gives the same bytes.
pub fn write(name: &str, content: &Content) -> String {
    let mut calendar = icalendar::Calendar::new();
    calendar.name(name);
    for (published, years) in unsaid(content).into_iter().filter(|(_, years)| !years.is_empty()) {
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        calendar.append_property(Property::new(property(published), years.join(" ")));
    }
    for (date, day) in content.years.values().flat_map(|year| &year.days) {
        let mut event = Event::new();
        event
            .uid(&format!("{date}@{name}.calendar.pakn"))
            .timestamp(chrono::DateTime::UNIX_EPOCH)
            .starts(*date)
            .summary(&day.name)
            .add_property("CATEGORIES", status(day).to_ascii_uppercase());
        calendar.push(event.done());
    }
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use super::{super::Calendar, *};

    #[test]
    fn what_is_written_reads_the_same() {
        let shipped = Calendar::shipped().unwrap();
        let written = write("vn", shipped.content());
        let read = read(&written).unwrap();
        let kept: Vec<Special> = shipped
            .content()
            .years
            .values()
            .flat_map(|year| &year.days)
            .map(|(date, day)| Special { date: *date, day: day.clone() })
            .collect();
        assert_eq!(read.days, kept);
    }

    #[test]
    fn folded_lines_and_long_events_are_read() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Tết Nguyên \r\n đán\\, nghỉ\r\n\
                    DTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270208\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let days = read(text).unwrap().days;
        assert_eq!(days.len(), 3);
        assert_eq!(days[0].day, Day { worked: false, name: "Tết Nguyên đán, nghỉ".to_owned() });
        assert_eq!(days[2].date.to_string(), "2027-02-07");
    }

    #[test]
    fn what_is_not_a_plain_day_is_named() {
        let event = |lines: &str| format!("BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\n{lines}\r\nEND:VEVENT\r\n");
        let text = [
            event("DTSTART;VALUE=DATE:20270205\r\nRRULE:FREQ=YEARLY"),
            event("DTSTART:20270205T080000Z"),
            event("DTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270204"),
            event("DESCRIPTION:no start"),
            event("DTSTART;VALUE=DATE:20270205\r\nDURATION:P7D"),
            event("DTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:2027-02-08"),
        ]
        .concat();
        let faults = read(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n")).unwrap_err();
        assert_eq!(faults.len(), 6, "{faults:?}");
        for (fault, part) in
            faults.iter().zip(["recurs", "has a time", "ends before", "no DTSTART", "DURATION", "DTEND"])
        {
            assert!(fault.contains(part), "{fault}");
        }
        let deep = "BEGIN:A\r\n".repeat(100_000);
        assert!(read(&deep).unwrap_err()[0].contains("deep"));
        assert!(read(&"BEG\r\n IN:A\r\n".repeat(50_000)).unwrap_err()[0].contains("deep"));
        for rubbish in ["", "rubbish", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "\u{0}\u{FFFF}"] {
            assert!(read(rubbish).is_err(), "{rubbish:?}");
        }
    }
}
