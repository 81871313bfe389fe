//! Special days as CSV: `date,status,name` under a header; status is `off` or `worked`.

use chrono::NaiveDate;

use super::{Content, Day};

/// A special day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Which day.
    pub date: NaiveDate,
    /// What is special about it.
    pub day: Day,
}

/// Reads special days.
///
/// # Errors
/// Every line that is not as described.
pub fn read(text: &str) -> Result<Vec<Special>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map(|header| header.iter().eq(["date", "status", "name"])).unwrap_or(false);
    if !header {
        return Err(vec!["line 1: must be date,status,name".to_owned()]);
    }
    let (mut days, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let read = record.map_err(|error| error.to_string()).and_then(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            special(&record).map_err(|what| format!("line {line}: {what}"))
        });
        match read {
            Ok(day) => days.push(day),
            Err(fault) => faults.push(fault),
        }
    }
    if days.is_empty() && faults.is_empty() {
        faults.push("has no day".to_owned());
    }
    if faults.is_empty() { Ok(days) } else { Err(faults) }
}

fn special(record: &csv::StringRecord) -> Result<Special, String> {
    let [date, status, name] = [0, 1, 2].map(|place| record.get(place));
    let (Some(date), Some(status), Some(name), 3) = (date, status, name, record.len()) else {
        return Err("must have three cells: date,status,name".to_owned());
    };
    let date = date.parse().map_err(|_| format!("`{date}` is not a date of the form 2026-02-17"))?;
    let worked = match status {
        "off" => false,
        "worked" => true,
        _ => return Err(format!("`{status}` is neither off nor worked")),
    };
    Ok(Special { date, day: Day { worked, name: name.to_owned() } })
}

/// Writes the special days of all years.
pub fn write(content: &Content) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let days = content.years.values().flat_map(|year| &year.days);
    let lines = days.map(|(date, day)| [date.to_string(), status(day).to_owned(), day.name.clone()]);
    for line in std::iter::once(["date", "status", "name"].map(str::to_owned)).chain(lines) {
        // Writing into memory does not fail.
        let _ = writer.write_record(&line);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

pub(super) const fn status(day: &Day) -> &'static str {
    if day.worked { "worked" } else { "off" }
}

#[cfg(test)]
mod tests {
    use super::{super::Calendar, *};

    #[test]
    fn what_is_written_reads_the_same() {
        let shipped = Calendar::shipped().unwrap();
        let written = write(shipped.content());
        assert_eq!(written, include_str!("../../../data/calendar-vn.csv"));
        assert_eq!(read(&written).unwrap().len(), written.lines().count() - 1);
    }

    #[test]
    fn every_bad_line_is_named() {
        let faults = read("date,status,name\n2026-02-30,off,x\n2026-03-01,maybe,x\n2026-03-02\n").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("line 2: `2026-02-30`") && faults[2].starts_with("line 4"), "{faults:?}");
        assert_eq!(read("day,status\n").unwrap_err(), ["line 1: must be date,status,name"]);
    }
}
