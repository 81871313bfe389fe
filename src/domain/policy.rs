//! How long things may take, and on what basis: versioned data. Nothing else in the program knows a number of days.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use super::{
    deadline::{LONGEST, Span},
    ids::UnitId,
    petition::Petition,
    refusal::Fault,
    time::Instant,
    unit::Units,
    words::{Channel, Clock, Kind, Priority, SubjectClass},
};

/// A version of a deadline policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Names the version in ledgers: the name of the policy and a number, `general-1`.
    pub version: String,
    /// What all its versions are called.
    pub name: String,
    /// Receipts from this instant on, until the next version of the same name.
    pub from: Option<Instant>,
    /// Receipts before this instant.
    pub until: Option<Instant>,
    /// What it is for.
    pub scope: Scope,
    /// What it says.
    pub terms: Terms,
}

/// What a policy is for; what is empty does not matter. The more specific wins, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Petitions received by this unit or below it.
    pub unit: Option<UnitId>,
    /// Priority.
    pub priority: Option<Priority>,
    /// Subject class.
    pub class: Option<SubjectClass>,
    /// Kind.
    pub kind: Option<Kind>,
    /// Channel.
    pub channel: Option<Channel>,
}

/// How long, and on what basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// To accept, refuse or transfer.
    pub intake: Span,
    /// To forward what is not one's own.
    pub forward: Span,
    /// To answer.
    pub answer: Span,
    /// For a unit, from its assignment to its submission for approval; none leaves it the whole time to answer.
    pub unit: Option<Span>,
    /// Between progress notes, once the answer is late.
    pub update: Span,
    /// Local time from which on a receipt counts as one of the next working day.
    pub cutoff: Option<NaiveTime>,
    /// How many questions to the petitioner stop the clocks; 0 for none.
    pub pauses: u32,
    /// For how many days each at the most.
    pub pause_days: u32,
    /// How often a round may be extended.
    pub extensions: u32,
    /// By how many calendar days each at the most.
    pub extension_days: u32,
    /// Within which an answer may be recalled.
    pub recall: Span,
    /// Within which a petition may be reopened, from delivery of the answer.
    pub reopening: Span,
    /// How many days receipt may lie before entry.
    pub back_dating_days: u32,
    /// Working days to reply to a question, when the unit names none.
    pub reply_days: u32,
    /// Whether petitioners are told when a calendar moves the day of their answer.
    pub tell_moved: bool,
    /// How many calendar days before its due day a clock is due soon.
    #[serde(default = "soon_days")]
    pub soon_days: u32,
    /// After how many calendar days a late answer goes to the supervisor.
    #[serde(default = "escalation_days")]
    pub escalation_days: u32,
    /// After how many returns in a round it is raised to the unit above those that returned it; 0 for never.
    #[serde(default)]
    pub escalation_returns: u32,
    /// Within which an answer is published, from when it was given; none leaves it open.
    #[serde(default)]
    pub publish: Option<Span>,
    /// The law that it rests on, in words.
    pub basis: String,
}

const fn soon_days() -> u32 {
    3
}

const fn escalation_days() -> u32 {
    7
}

impl Policy {
    /// The policies that come with the program.
    pub fn shipped() -> [Self; 4] {
        let general = Terms {
            intake: Span::WorkingDays(2),
            forward: Span::WorkingDays(5),
            answer: Span::CalendarDays(20),
            unit: None,
            update: Span::CalendarDays(7),
            cutoff: None,
            pauses: 0,
            pause_days: 0,
            extensions: 1,
            extension_days: 20,
            recall: Span::WorkingDays(3),
            reopening: Span::CalendarDays(15),
            back_dating_days: 30,
            reply_days: 5,
            tell_moved: true,
            soon_days: soon_days(),
            escalation_days: escalation_days(),
            escalation_returns: 2,
            publish: Some(Span::WorkingDays(5)),
            basis: "Quyết định 574/QĐ-TTg năm 2017 (trả lời trong 20 ngày, báo tiến độ 7 ngày một lần khi quá hạn); \
                    Nghị định 20/2008/NĐ-CP Điều 9 khoản 1 điểm d (chuyển trong 5 ngày làm việc)"
                .to_owned(),
        };
        let documents = Terms {
            answer: Span::CalendarDays(15),
            basis: "Công điện 89/CĐ-TTg năm 2025 (trả lời về văn bản quy phạm pháp luật trong 15 ngày)".to_owned(),
            ..general.clone()
        };
        let urgent = Terms {
            forward: Span::WorkingHours(4),
            basis: "Quyết định 1207/QĐ-UBND Hà Nội năm 2025 (việc khẩn chuyển trong 4 giờ làm việc); \
                    Quyết định 574/QĐ-TTg năm 2017"
                .to_owned(),
            ..general.clone()
        };
        // Nobody else has to be told of it, and who has it is for the unit to say.
        let data = Terms {
            forward: Span::CalendarDays(15),
            answer: Span::CalendarDays(15),
            extension_days: 15,
            publish: None,
            basis: "Luật 91/2025/QH15 (Luật Bảo vệ dữ liệu cá nhân) Điều 4 (quyền của chủ thể dữ liệu cá nhân); \
                    Nghị định 356/2025/NĐ-CP (xác nhận tiếp nhận trong 2 ngày làm việc, thực hiện trong 15 ngày, \
                    gia hạn một lần 15 ngày)"
                .to_owned(),
            ..general.clone()
        };
        let policy = |name: &str, scope, terms| Self {
            version: format!("{name}-1"),
            name: name.to_owned(),
            from: None,
            until: None,
            scope,
            terms,
        };
        [
            policy("general", Scope::default(), general),
            policy("documents", Scope { class: Some(SubjectClass::Regulation), ..Scope::default() }, documents),
            policy("urgent", Scope { priority: Some(Priority::Urgent), ..Scope::default() }, urgent),
            policy("data", Scope { kind: Some(Kind::DataRequest), ..Scope::default() }, data),
        ]
    }

    /// Whether it is for every petition, or for every request of a data subject: what is left where no other is in force.
    pub fn is_general(&self) -> bool {
        self.scope.is_general()
    }

    /// Whether receipts of an instant fall under it.
    pub fn in_force(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

impl Terms {
    /// How long a clock runs.
    pub const fn span(&self, clock: Clock) -> Option<Span> {
        match clock {
            Clock::Intake => Some(self.intake),
            Clock::Forward => Some(self.forward),
            Clock::Unit => self.unit,
            Clock::Answer => Some(self.answer),
            Clock::Update => Some(self.update),
        }
    }

    /// The cut-off of a clock: it is for receipts.
    pub const fn cutoff_of(&self, clock: Clock) -> Option<NaiveTime> {
        match clock {
            Clock::Intake | Clock::Forward | Clock::Answer => self.cutoff,
            Clock::Unit | Clock::Update => None,
        }
    }

    /// Everything that is wrong with it, by field.
    pub fn faults(&self) -> Vec<Fault> {
        let spans = [
            ("intake", Some(self.intake)),
            ("forward", Some(self.forward)),
            ("answer", Some(self.answer)),
            ("unit", self.unit),
            ("update", Some(self.update)),
            ("recall", Some(self.recall)),
            ("reopening", Some(self.reopening)),
            ("publish", self.publish),
        ];
        let amounts = [
            ("pauses", self.pauses, 100),
            ("pause_days", self.pause_days, 366),
            ("extensions", self.extensions, 100),
            ("extension_days", self.extension_days, 366),
            ("back_dating_days", self.back_dating_days, 3_660),
            ("reply_days", self.reply_days, 366),
            ("soon_days", self.soon_days, 366),
            ("escalation_days", self.escalation_days, 366),
            ("escalation_returns", self.escalation_returns, 100),
        ];
        let span = |(name, span): (&str, Option<Span>)| {
            let amount = span.map_or(1, Span::amount);
            (amount == 0 || amount > LONGEST).then(|| Fault::new(name, format!("must be 1 to {LONGEST}, is {amount}")))
        };
        let amount = |(name, amount, most): (&str, u32, u32)| {
            (amount > most).then(|| Fault::new(name, format!("must be at most {most}, is {amount}")))
        };
        let mut faults: Vec<Fault> =
            spans.into_iter().filter_map(span).chain(amounts.into_iter().filter_map(amount)).collect();
        if self.reply_days == 0 {
            faults.push(Fault::new("reply_days", "must be at least 1"));
        }
        if self.escalation_days == 0 {
            faults.push(Fault::new("escalation_days", "must be at least 1"));
        }
        if self.pauses > 0 && self.pause_days == 0 {
            faults.push(Fault::new("pause_days", "must be at least 1 where questions stop the clocks"));
        }
        if self.basis.trim().is_empty() {
            faults.push(Fault::new("basis", "is required: name the law it rests on"));
        }
        faults
    }
}

/// What a policy is chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Matter {
    /// When it was received.
    pub received_at: Instant,
    /// By which focal unit.
    pub focal: UnitId,
    /// Priority.
    pub priority: Priority,
    /// Subject class, once known.
    pub class: Option<SubjectClass>,
    /// Kind.
    pub kind: Kind,
    /// Channel.
    pub channel: Channel,
}

impl Matter {
    /// Of a petition's present round.
    pub const fn of(petition: &Petition) -> Self {
        Self {
            received_at: petition.round_at,
            focal: petition.focal,
            priority: petition.priority,
            class: petition.class,
            kind: petition.kind,
            channel: petition.channel,
        }
    }
}

/// All versions of all policies; there is always one for every matter.
#[derive(Debug, Clone)]
pub struct Policies {
    all: Vec<Policy>,
    general: Policy,
    data: Policy,
}

impl Policies {
    /// The shipped ones, and those that were written. A version ends where the next of its name begins, or before that
    /// where it was closed.
    pub fn new(written: Vec<Policy>, ends: &[(String, Instant)]) -> Self {
        let mut shipped = Policy::shipped();
        // What somebody wrote under its name before it was shipped keeps that name: ledgers say it.
        let [_, _, _, data] = &mut shipped;
        if written.iter().any(|policy| policy.version == data.version) {
            data.name.push_str("-shipped");
            data.version = format!("{}-1", data.name);
        }
        let [general, _, _, data] = shipped.clone();
        let mut all = shipped.to_vec();
        for policy in written {
            let closed = ends.iter().find(|(version, _)| *version == policy.version).map(|(_, end)| *end);
            // One that ended before it began has taken nothing's place.
            if closed.is_some_and(|end| policy.from.is_some_and(|from| end <= from)) {
                all.push(policy);
                continue;
            }
            for other in all.iter_mut().filter(|other| other.name == policy.name) {
                if other.until.is_none_or(|until| policy.from.is_none_or(|from| from < until)) {
                    other.until = policy.from;
                }
            }
            all.push(policy);
        }
        for (version, end) in ends {
            let ending = all.iter_mut().find(|policy| policy.version == *version);
            if let Some(policy) = ending.filter(|policy| policy.until.is_none_or(|until| *end < until)) {
                policy.until = Some(*end);
            }
        }
        Self { all, general, data }
    }

    /// Every version, oldest first.
    pub fn all(&self) -> &[Policy] {
        &self.all
    }

    /// A version by its name in ledgers.
    pub fn version(&self, version: &str) -> Option<&Policy> {
        self.all.iter().find(|policy| policy.version == version)
    }

    /// The policy for a matter: the most specific of those in force at receipt. What a data subject asks is under the law
    /// on that alone, so only under what names its kind.
    pub fn choose(&self, matter: &Matter, units: &Units) -> &Policy {
        let in_force = self.all.iter().filter(|policy| policy.in_force(matter.received_at));
        let data = matter.kind == Kind::DataRequest;
        let of_law = in_force.filter(|policy| !data || policy.scope.kind == Some(Kind::DataRequest));
        let fitting = of_law.filter(|policy| policy.scope.fits(matter, units));
        // What was written has at least a shipped one before it.
        let left = if data { &self.data } else { &self.general };
        fitting.max_by_key(|policy| policy.scope.weight(units)).unwrap_or(left)
    }

    /// The version in force whose scope equals this one's, so that both could win, if it is not of the same name.
    pub fn rival(&self, policy: &Policy) -> Option<&Policy> {
        let overlaps = |other: &&Policy| {
            other.until.is_none_or(|until| policy.from.is_none_or(|from| from < until))
                && policy.until.is_none_or(|until| other.from.is_none_or(|from| from < until))
        };
        let others = self.all.iter().filter(|other| other.name != policy.name && other.scope == policy.scope);
        others.filter(overlaps).find(|other| other.from != other.until || other.from.is_none())
    }
}

impl Scope {
    /// Whether it is as wide as can be.
    pub fn is_general(&self) -> bool {
        let widest = Self { kind: self.kind.filter(|kind| *kind == Kind::DataRequest), ..Self::default() };
        *self == widest
    }

    fn fits(&self, matter: &Matter, units: &Units) -> bool {
        self.unit.is_none_or(|unit| units.within(matter.focal, unit))
            && self.priority.is_none_or(|priority| priority == matter.priority)
            && self.class.is_none_or(|class| Some(class) == matter.class)
            && self.kind.is_none_or(|kind| kind == matter.kind)
            && self.channel.is_none_or(|channel| channel == matter.channel)
    }

    /// How specific it is; the deeper a unit, the more.
    fn weight(&self, units: &Units) -> (usize, bool, bool, bool, bool) {
        let depth = self.unit.map_or(0, |unit| units.above(unit).count() + 1);
        (depth, self.priority.is_some(), self.class.is_some(), self.kind.is_some(), self.channel.is_some())
    }
}

#[cfg(test)]
mod tests;
