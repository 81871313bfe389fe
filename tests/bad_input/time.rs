//! Valid requests for calendars and policies.

use std::sync::atomic::{AtomicI64, Ordering};

use pakn::pb;
use prost::Message as _;
use prost_types::Timestamp;

use super::server::NOW;

/// Versions of a policy begin one after the other.
static BEGINNING: AtomicI64 = AtomicI64::new(NOW + 3_600);

pub fn valid(path: &str) -> Vec<u8> {
    let name = || "cuc-bc".to_owned();
    let unit = || "CUC-BC".to_owned();
    let hours = || vec!["07:30-11:30".to_owned(), "13:30-17:00".to_owned()];
    let shipped = || "vn-2026-1".to_owned();
    let span = |amount, unit: pb::TimeUnit| Some(pb::Span { amount, unit: unit.into() });
    let days = |amount| span(amount, pb::TimeUnit::WorkingDay);
    match path.split('/').nth(1).unwrap() {
        "PutCalendar" => {
            let day =
                pb::SpecialDay {
                    date: "2027-01-01".to_owned(), worked: false, name: "Tết Dương lịch".to_owned()
                };
            let weekdays = vec![pb::Weekday::Monday.into(), pb::Weekday::Saturday.into()];
            let year = pb::CalendarYear {
                year: 2027,
                published: true,
                weekdays: weekdays.clone(),
                office_hours: hours(),
                days: vec![day],
            };
            let (name, unit, office_hours) = (name(), unit(), hours());
            pb::PutCalendarRequest { name, unit, weekdays, office_hours, years: vec![year], ..Default::default() }
                .encode_to_vec()
        }
        "ImportCalendar" => pb::ImportCalendarRequest {
            name: name(),
            unit: unit(),
            format: pb::CalendarFormat::Csv.into(),
            content: "date,status,name\n2027-01-01,off,Tết Dương lịch\n".to_owned(),
            unpublished: true,
            ..Default::default()
        }
        .encode_to_vec(),
        "GetCalendar" => pb::GetCalendarRequest { version: shipped() }.encode_to_vec(),
        "ExportCalendar" => {
            let format = pb::CalendarFormat::Icalendar.into();
            pb::ExportCalendarRequest { version: shipped(), format }.encode_to_vec()
        }
        "PreviewCalendar" => {
            let page = Some(pb::PageRequest { size: 1, token: String::new() });
            pb::PreviewCalendarRequest { version: shipped(), page }.encode_to_vec()
        }
        "ApplyCalendar" => {
            let (version, base, document) = (shipped(), shipped(), "12/QĐ".to_owned());
            pb::ApplyCalendarRequest { version, base, document, ..Default::default() }.encode_to_vec()
        }
        "PutPolicy" => policy("thu", pb::Channel::Hotline).encode_to_vec(),
        "GetPolicy" => pb::GetPolicyRequest { version: "general".to_owned() }.encode_to_vec(),
        "ComputeDeadline" => {
            let (from, span) = (Some(Timestamp { seconds: NOW, nanos: 0 }), days(5));
            let (cutoff, calendar) = ("16:30".to_owned(), "vn".to_owned());
            pb::ComputeDeadlineRequest {
                from,
                span,
                cutoff,
                calendar,
                unit: unit(),
                subject_class: pb::SubjectClass::Regulation.into(),
                priority: pb::Priority::Urgent.into(),
                kind: pb::PetitionKind::Proposal.into(),
                channel: pb::Channel::Post.into(),
                clock: pb::Clock::Forward.into(),
            }
            .encode_to_vec()
        }
        other => panic!("no valid request for {other}: write one"),
    }
}

/// A calendar of the office that works on Mondays alone.
pub fn workweek() -> pb::PutCalendarRequest {
    pb::PutCalendarRequest {
        name: "mondays".to_owned(),
        unit: "BTTTT-VP".to_owned(),
        weekdays: vec![pb::Weekday::Monday.into()],
        office_hours: vec!["08:00-12:00".to_owned()],
        ..Default::default()
    }
}

/// A version of a policy that begins after those before it.
pub fn policy(name: &str, channel: pb::Channel) -> pb::PutPolicyRequest {
    let span = |amount, unit: pb::TimeUnit| Some(pb::Span { amount, unit: unit.into() });
    let days = |amount| span(amount, pb::TimeUnit::WorkingDay);
    let seconds = BEGINNING.fetch_add(1, Ordering::Relaxed);
    let policy = pb::Policy {
        version: String::new(),
        name: name.to_owned(),
        valid_from: Some(Timestamp { seconds, nanos: 0 }),
        scope: Some(pb::PolicyScope {
            unit: "CUC-BC".to_owned(),
            priority: pb::Priority::Urgent.into(),
            subject_class: pb::SubjectClass::Other.into(),
            kind: pb::PetitionKind::Feedback.into(),
            channel: channel.into(),
        }),
        intake: days(1),
        forward: span(4, pb::TimeUnit::WorkingHour),
        answer: span(10, pb::TimeUnit::CalendarDay),
        unit: days(5),
        update: days(3),
        cutoff: "16:30".to_owned(),
        pauses: 1,
        pause_days: 10,
        extensions: 1,
        extension_days: 10,
        recall: days(3),
        reopening: span(15, pb::TimeUnit::CalendarDay),
        back_dating_days: 30,
        reply_days: 5,
        basis: "Quy chế nội bộ".to_owned(),
        tell_moved: true,
        soon_days: 3,
        escalation_days: 7,
        escalation_returns: 2,
        publish: days(5),
        valid_until: Some(Timestamp { seconds: seconds + 1_000_000, nanos: 0 }),
    };
    pb::PutPolicyRequest { policy: Some(policy), ..Default::default() }
}
