//! Special days as CSV: `date,status,name` under a header; status is `off` or `worked`. What no day says of a year, a
//! line like `# unpublished: 2027` does.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use super::{Content, Day, FIRST, LAST};

/// A special day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Which day.
    pub date: NaiveDate,
    /// What is special about it.
    pub day: Day,
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Special days.
    pub days: Vec<Special>,
    /// Years of which it says whether they are published.
    pub published: BTreeMap<i32, bool>,
}

impl Said {
    /// All years of which it says something.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.days.iter().map(|special| special.date.year()).chain(self.published.keys().copied())
    }
}

/// The years of a calendar of which its days do not say that they are published: those that are not, and those that are
/// without having one.
pub(super) fn unsaid(content: &Content) -> [(bool, Vec<i32>); 2] {
    let years = |published: bool| {
        let said =
            |(_, year): &(&i32, &super::Year)| year.published == published && (!published || year.days.is_empty());
        content.years.iter().filter(said).map(|(number, _)| *number).collect()
    };
    [(true, years(true)), (false, years(false))]
}

/// Reads a list of years, `2027 2028`.
pub(super) fn years(list: &str) -> Result<Vec<i32>, String> {
    let known = |year: &str| year.parse().ok().filter(|year| (FIRST..=LAST).contains(year));
    list.split_whitespace().map(|year| known(year).ok_or_else(|| format!("`{year}` is not a year"))).collect()
}

pub(super) const fn word(published: bool) -> &'static str {
    if published { "published" } else { "unpublished" }
}

/// Reads what a line says of years, if it says anything of them. Spreadsheets put quotes and commas around it.
fn remark(line: &str) -> Option<(bool, Result<Vec<i32>, String>)> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == ',').strip_prefix('#')?;
    let (word, list) = line.split_once(':')?;
    let published = [true, false].into_iter().find(|published| self::word(*published) == word.trim())?;
    Some((published, years(list)))
}

/// Reads special days, and which years are published.
///
/// # Errors
/// Every line that is not as described.
pub fn read(text: &str) -> Result<Said, Vec<String>> {
    let is_remark = |line: &&str| line.trim_start_matches('"').starts_with('#');
    let kept: String = text.split_inclusive('\n').map(|line| if is_remark(&line) { "\n" } else { line }).collect();
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(kept.as_bytes());
    let header = reader.headers().map(|header| header.iter().eq(["date", "status", "name"])).unwrap_or(false);
    if !header {
        return Err(vec!["line 1: must be date,status,name".to_owned()]);
    }
    let (mut said, mut faults) = (Said::default(), Vec::new());
    let remarks = text.lines().enumerate().filter(|(_, line)| is_remark(line));
    for (place, (published, years)) in remarks.filter_map(|(place, line)| Some((place, remark(line)?))) {
        match years {
            Ok(years) => said.published.extend(years.into_iter().map(|year| (year, published))),
            Err(fault) => faults.push(format!("line {}: {fault}", place + 1)),
        }
    }
    for record in reader.records() {
        let read = record.map_err(|error| error.to_string()).and_then(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            special(&record).map_err(|what| format!("line {line}: {what}"))
        });
        match read {
            Ok(day) => said.days.push(day),
            Err(fault) => faults.push(fault),
        }
    }
    if said == Said::default() && faults.is_empty() {
        faults.push("has no day".to_owned());
    }
    if faults.is_empty() { Ok(said) } else { Err(faults) }
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
    Ok(Special { date, day: Day { worked, name: typed(name).to_owned() } })
}

/// What a spreadsheet would take for a formula.
fn formula(name: &str) -> bool {
    name.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A cell as it goes out: no spreadsheet shall work it out.
fn shown(name: &str) -> String {
    if formula(name) { format!("'{name}") } else { name.to_owned() }
}

/// A cell as it was typed, before [`shown`].
fn typed(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|name| formula(name)).unwrap_or(cell)
}

/// Writes the special days of all years, and what they do not say.
pub fn write(content: &Content) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let days = content.years.values().flat_map(|year| &year.days);
    let lines = days.map(|(date, day)| [date.to_string(), status(day).to_owned(), shown(&day.name)]);
    for line in std::iter::once(["date", "status", "name"].map(str::to_owned)).chain(lines) {
        // Writing into memory does not fail.
        let _ = writer.write_record(&line);
    }
    let mut written = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    for (published, years) in unsaid(content).into_iter().filter(|(_, years)| !years.is_empty()) {
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        written.push_str(&format!("# {}: {}\n", word(published), years.join(" ")));
    }
    written
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
        let said = read(&written).unwrap();
        assert_eq!((said.days.len(), said.published.len()), (written.lines().count() - 1, 0));
    }

    #[test]
    fn no_name_is_a_formula() {
        let mut content = Calendar::shipped().unwrap().content().clone();
        content
            .put(read("date,status,name\n2027-01-01,off,=1+1\n2027-01-04,off,'=x\n2027-01-05,off,'x\n").unwrap())
            .unwrap();
        let written = write(&content);
        assert!(written.ends_with("2027-01-01,off,'=1+1\n2027-01-04,off,'=x\n2027-01-05,off,'x\n"), "{written}");
        let mut again = content.clone();
        again.put(read(&written).unwrap()).unwrap();
        assert_eq!(again, content);
    }

    #[test]
    fn drafts_stay_drafts() {
        let mut content = Calendar::shipped().unwrap().content().clone();
        let draft =
            read("date,status,name\n2027-01-01,off,Tết\n\"# unpublished: 2027 2028\",,\n# published: 2029\n").unwrap();
        content.put(draft).unwrap();
        let published = |content: &Content| -> Vec<(i32, bool)> {
            content.years.iter().map(|(year, said)| (*year, said.published)).filter(|(year, _)| *year > 2025).collect()
        };
        let kept = [(2026, true), (2027, false), (2028, false), (2029, true)];
        assert_eq!(published(&content), kept);
        let written = write(&content);
        assert!(written.ends_with("# published: 2029\n# unpublished: 2027 2028\n"), "{written}");
        let mut again = Calendar::shipped().unwrap().content().clone();
        again.put(read(&written).unwrap()).unwrap();
        assert_eq!(again, content);
        again.put(super::super::ical::read(&super::super::ical::write("vn", &content)).unwrap()).unwrap();
        assert_eq!(again, content);
        assert_eq!(read("date,status,name\n# published: soon\n").unwrap_err(), ["line 2: `soon` is not a year"]);
    }

    #[test]
    fn every_bad_line_is_named() {
        let faults = read("date,status,name\n2026-02-30,off,x\n2026-03-01,maybe,x\n2026-03-02\n").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("line 2: `2026-02-30`") && faults[2].starts_with("line 4"), "{faults:?}");
        assert_eq!(read("day,status\n").unwrap_err(), ["line 1: must be date,status,name"]);
    }
}
