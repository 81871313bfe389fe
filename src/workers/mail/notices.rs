//! What a notice says in a letter: a line for each petition, the gravest first.

use crate::app::StoredNotice;
use crate::domain::words::{Language, Level};

/// Lines that a letter has at the most.
const LINES: usize = 200;

/// The gravest first.
const GRAVITY: [Level; 13] = [
    Level::ManyReveals,
    Level::LongOverdue,
    Level::Overdue,
    Level::ProgressOwed,
    Level::UnitOverdue,
    Level::Unaccepted,
    Level::Unforwarded,
    Level::Due,
    Level::DueSoon,
    Level::OftenReturned,
    Level::StatementSubmitted,
    Level::UnitDueSoon,
    Level::Unpublished,
];

/// All notices of a letter.
pub(super) fn lines(notices: &[StoredNotice], language: Language) -> String {
    let mut sorted: Vec<&StoredNotice> = notices.iter().collect();
    let gravity = |level| GRAVITY.iter().position(|other| *other == level);
    sorted.sort_by_key(|notice| (gravity(notice.level), notice.due_date, &notice.code));
    let mut lines: Vec<String> = sorted.iter().take(LINES).map(|notice| line(notice, language)).collect();
    if let Some(more) = sorted.len().checked_sub(LINES).filter(|more| *more > 0) {
        lines.push(match language {
            Language::Vi => format!("… và {more} thông báo khác, xem trên hệ thống."),
            Language::En => format!("… and {more} more, in the system."),
        });
    }
    lines.join("\n")
}

fn line(notice: &StoredNotice, language: Language) -> String {
    let (code, due) = (&notice.code, notice.due_date.format("%d/%m/%Y"));
    let what = label(notice.level, language);
    match language {
        Language::Vi => format!("{code}: {what} (hạn {due})"),
        Language::En => format!("{code}: {what} (due {due})"),
    }
}

const fn label(level: Level, language: Language) -> &'static str {
    let (vi, en) = match level {
        Level::DueSoon => ("sắp đến hạn trả lời", "answer due soon"),
        Level::Due => ("đến hạn trả lời hôm nay", "answer due today"),
        Level::Overdue => ("quá hạn trả lời", "answer overdue"),
        Level::LongOverdue => ("quá hạn trả lời đã lâu", "answer long overdue"),
        Level::Unaccepted => ("quá hạn tiếp nhận", "not accepted in time"),
        Level::Unforwarded => ("quá hạn chuyển xử lý", "not forwarded in time"),
        Level::UnitDueSoon => ("đơn vị sắp đến hạn trình trả lời", "unit's draft due soon"),
        Level::UnitOverdue => ("đơn vị quá hạn trình trả lời", "unit's draft overdue"),
        Level::ProgressOwed => ("chưa báo tiến độ cho người dân", "progress note owed"),
        Level::Unpublished => ("chưa công khai kết quả", "answer not published"),
        Level::OftenReturned => ("nhiều đơn vị trả lại, chờ phân công", "returned by units, to be assigned"),
        Level::ManyReveals => ("một tài khoản xem nhiều danh tính trong ngày", "an account looked at many identities"),
        Level::StatementSubmitted => {
            ("đơn vị bị phản ánh đã giải trình", "the unit complained of has explained itself")
        }
    };
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PetitionId;

    #[test]
    fn every_level_has_its_gravity() {
        assert!(Level::ALL.iter().all(|level| GRAVITY.contains(level)));
    }

    #[test]
    fn the_gravest_come_first_and_a_letter_stays_short() {
        let notice = |n: usize, level| StoredNotice {
            petition: PetitionId(uuid::Uuid::nil()),
            code: format!("PAKN.20260213.{n:08}"),
            level,
            due_date: chrono::NaiveDate::MIN,
        };
        let mut notices: Vec<StoredNotice> = (0..LINES).map(|n| notice(n, Level::DueSoon)).collect();
        notices.push(notice(LINES, Level::Overdue));
        let text = lines(&notices, Language::Vi);
        assert!(text.starts_with("PAKN.20260213.00000200: quá hạn trả lời (hạn "), "{text}");
        assert!(text.ends_with("… và 1 thông báo khác, xem trên hệ thống."), "{text}");
        assert_eq!(text.lines().count(), LINES + 1);
    }
}
