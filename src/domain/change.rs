//! What a decision writes: everything that goes into one commit.

use super::{
    apply::{self, apply},
    chain,
    event::{Event, Recorded},
    ids::{LetterId, PublicationId, UnitId},
    ladder::Notice,
    letters::Letter,
    petition::Petition,
    petitioner::Petitioner,
    standing::Standing,
    text::{self, Text},
    time::Instant,
    words::{OutcomeKind, State, Verdict},
};

/// A decision about one or more petitions, written whole or not at all.
#[derive(Debug, Clone)]
pub struct Change {
    /// Version of the reference data it was decided upon.
    pub reference: i64,
    /// The petitions it is about; usually one.
    pub subjects: Vec<Subject>,
    /// Guards against doing it twice.
    pub request: Option<Request>,
}

/// A caller's request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whose.
    pub account: uuid::Uuid,
    /// For which RPC.
    pub rpc: &'static str,
    /// The id.
    pub id: uuid::Uuid,
    /// SHA-256 of the request.
    pub content: [u8; 32],
    /// When it came.
    pub at: Instant,
}

/// What becomes of one petition.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The row it was decided upon; none for a new petition.
    pub before: Option<Petition>,
    /// The event.
    pub recorded: Recorded,
    /// The row after it.
    pub after: Petition,
    /// The event's stored form.
    pub stored: String,
    /// New texts.
    pub texts: Vec<Text>,
    /// Letters owed.
    pub letters: Vec<Letter>,
    /// Letters whose status an operator moved.
    pub letter_moves: Vec<LetterMove>,
    /// What persons are to be told in their digests.
    pub notices: Vec<Notice>,
    /// What figures see, if it moved.
    pub standing: Option<Standing>,
    /// Who brought it; at submission.
    pub petitioner: Option<Petitioner>,
    /// The public copy, if it moved.
    pub publication: Option<PublicationMove>,
}

/// What a person decided or did about a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterMove {
    /// To be tried again at once.
    Retry(LetterId),
    /// Given up.
    Abandon(LetterId),
    /// Handed over by a person, by login, at an instant.
    HandOver {
        /// Which.
        letter: LetterId,
        /// When.
        at: Instant,
        /// By whom.
        by: String,
    },
}

/// What happens to the public copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationMove {
    /// It goes on the record, in place of an earlier one.
    Put {
        /// The copy.
        copy: Box<PublicCopy>,
        /// The earlier one.
        replaces: Option<PublicationId>,
    },
    /// It comes off.
    Remove(PublicationId),
}

/// What everybody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicCopy {
    /// Public id.
    pub id: PublicationId,
    /// Code of the field.
    pub field: String,
    /// The unit that answered, as it is called now.
    pub unit: String,
    /// Title.
    pub title: String,
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// What came of it.
    pub outcome: OutcomeKind,
    /// Local day of the answer.
    pub answered_on: chrono::NaiveDate,
    /// When it was published.
    pub published_at: Instant,
    /// Folded for search.
    pub folded: String,
}

/// A counter without gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter(pub String);

impl Counter {
    /// Register numbers of a focal unit in a local year.
    pub fn register(unit: UnitId, year: i32) -> Self {
        Self(format!("register:{unit}:{year}"))
    }
}

impl Change {
    /// The counters to draw from, one number each.
    pub fn counters(&self) -> Vec<Counter> {
        self.subjects.iter().filter_map(Subject::counter).collect()
    }

    /// Puts the numbers drawn into events, rows and letters, and hashes. Numbers come in the order of `counters`.
    ///
    /// # Errors
    /// Never for a change that the domain decided.
    pub fn complete(&mut self, numbers: &[i64]) -> Result<(), apply::Unfit> {
        let mut numbers = numbers.iter();
        for subject in &mut self.subjects {
            if let Event::Accepted { register, .. } = &mut subject.recorded.event
                && let Some(number) = numbers.next()
            {
                register.number = *number;
                let head = subject.after.head;
                subject.after = apply(subject.before.as_ref(), &subject.recorded)?;
                subject.after.head = head;
                subject.letters.iter_mut().for_each(|letter| letter.enter(*number));
            }
            subject.seal();
        }
        Ok(())
    }
}

impl Subject {
    /// The counter that this petition's event draws from.
    pub fn counter(&self) -> Option<Counter> {
        match &self.recorded.event {
            Event::Accepted { register, .. } => Some(Counter::register(register.unit, register.year)),
            _ => None,
        }
    }

    fn seal(&mut self) {
        self.stored = text::json(&self.recorded);
        let previous = self.before.as_ref().map_or([0; 32], |before| before.head);
        self.after.head = chain::link(&previous, &self.stored);
    }
}

/// How the round ends, if it ends at `at`.
pub fn verdict(petition: &Petition, at: Instant, local_day: chrono::NaiveDate) -> Verdict {
    if at >= petition.answer_due.at {
        Verdict::Late
    } else if local_day < petition.answer_due.date {
        Verdict::Early
    } else {
        Verdict::OnTime
    }
}

/// What the caller of a command is told; the same for the same request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The event.
    pub recorded: Recorded,
    /// The petition's tracking code.
    pub code: String,
    /// Its register number, as of the event.
    pub register: Option<super::petition::Register>,
}

impl Outcome {
    /// The state it led to.
    pub const fn state(&self) -> State {
        self.recorded.state
    }
}
