//! Whom a level is told: a ladder of holder, head, focal unit and supervisor.

use super::{
    ids::{AccountId, LetterId, NoticeId, Source, UnitId},
    permission,
    petition::Petition,
    reference::Reference,
    time::{Due, Instant},
    watch,
    words::{Level, Role, State},
};

/// One thing that one person is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Whom.
    pub account: AccountId,
    /// What.
    pub level: Level,
    /// What was or is due then.
    pub due: Due,
    /// The letter that tells it; none while it waits for the digest.
    pub letter: Option<LetterId>,
}

/// A rung of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung {
    /// The person it is assigned to; else the handlers of the holder, or the dispatchers while the focal unit has it; the
    /// dispatchers and approvers of a unit that it was raised to.
    Holder,
    /// The approvers of the holder.
    Head,
    /// The dispatchers of the focal unit.
    Focal,
    /// The supervisors over the focal unit.
    Supervisor,
}

/// How far up a level goes.
const fn rungs(level: Level) -> &'static [Rung] {
    use Rung as R;
    match level {
        Level::DueSoon | Level::UnitDueSoon | Level::StatementSubmitted => &[R::Holder],
        Level::Due | Level::UnitOverdue | Level::ProgressOwed => &[R::Holder, R::Head],
        Level::Overdue => &[R::Holder, R::Head, R::Focal],
        Level::LongOverdue => &[R::Holder, R::Head, R::Focal, R::Supervisor],
        Level::Unaccepted | Level::Unforwarded => &[R::Focal, R::Head],
        Level::Unpublished => &[R::Focal],
        Level::OftenReturned => &[R::Holder, R::Focal],
        Level::ManyReveals => &[R::Supervisor],
    }
}

/// The notices that raised levels make due, each person one for a level. Nobody is told of a petition that they may not
/// see; where that leaves nobody, the supervisors are told.
pub fn notices(after: &Petition, levels: &[Level], now: Instant, context: (&Reference, &dyn Source)) -> Vec<Notice> {
    let (reference, source) = context;
    let mut notices: Vec<Notice> = Vec::new();
    for level in watch::worth_telling(levels) {
        let due = watch::due(after, level, reference);
        let mut told: Vec<AccountId> =
            rungs(level).iter().flat_map(|rung| on(*rung, level, after, (reference, now))).collect();
        if told.is_empty() {
            told = on(Rung::Supervisor, level, after, (reference, now));
        }
        told.sort();
        told.dedup();
        notices.extend(told.into_iter().map(|account| Notice {
            id: NoticeId(source.id(now)),
            account,
            level,
            due,
            letter: None,
        }));
    }
    notices
}

/// That somebody has looked at more identities in a day than is usual, this one among them: to the nearest supervisors
/// who are somebody else.
pub fn many_reveals(
    looker: AccountId,
    petition: &Petition,
    now: Instant,
    reference: &Reference,
    source: &dyn Source,
) -> Vec<Notice> {
    let (level, date) = (Level::ManyReveals, reference.zone.date(now));
    let due = Due { date, at: reference.zone.end_of(date), provisional: false };
    let others = |account| account != looker && reachable(account, petition, (reference, now));
    let told = nearest_of(Role::Supervisor, petition.focal, reference, others);
    told.into_iter().map(|account| Notice { id: NoticeId(source.id(now)), account, level, due, letter: None }).collect()
}

fn on(rung: Rung, level: Level, petition: &Petition, known: (&Reference, Instant)) -> Vec<AccountId> {
    let nearest = |role, unit| nearest(role, unit, petition, known);
    let unassigned = petition.holder == petition.focal && petition.assigned_at.is_none();
    match rung {
        // A draft that awaits approval waits for the approver.
        Rung::Holder if petition.state == State::AwaitingApproval => {
            nearest(Role::Approver, petition.holder).into_iter().chain(approving_for_them(petition, known)).collect()
        }
        Rung::Holder => match petition.handler.filter(|handler| reachable(*handler, petition, known)) {
            Some(handler) => vec![handler],
            // Progress is for handlers to post.
            // It waits for those who may assign it.
            None if petition.is_raised() && level != Level::ProgressOwed => {
                let mut both = nearest(Role::Dispatcher, petition.holder);
                both.extend(nearest(Role::Approver, petition.holder));
                both
            }
            None if unassigned && level != Level::ProgressOwed => nearest(Role::Dispatcher, petition.focal),
            None => nearest(Role::Handler, petition.holder),
        },
        Rung::Head => nearest(Role::Approver, petition.holder),
        Rung::Focal => nearest(Role::Dispatcher, petition.focal),
        Rung::Supervisor => nearest(Role::Supervisor, petition.focal),
    }
}

/// Who has a role over a unit by the nearest grant and can be told of the petition: of the unit itself, else of the one
/// above it, and so on.
fn nearest(role: Role, unit: UnitId, petition: &Petition, known: (&Reference, Instant)) -> Vec<AccountId> {
    nearest_of(role, unit, known.0, |account| reachable(account, petition, known))
}

fn nearest_of(role: Role, unit: UnitId, reference: &Reference, wanted: impl Fn(AccountId) -> bool) -> Vec<AccountId> {
    // Of a dissolved unit it is the successor's to see to.
    let unit = reference.units.heir(unit);
    let line = std::iter::once(unit).chain(reference.units.above(unit).map(|above| above.id));
    let there = |unit| {
        let all = reference.by_role.get(&(role, unit)).into_iter().flatten().copied();
        all.filter(|account| wanted(*account)).collect::<Vec<_>>()
    };
    line.map(there).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Who may approve a petition for somebody else, and can be told of it.
fn approving_for_them(petition: &Petition, known: (&Reference, Instant)) -> Vec<AccountId> {
    let (reference, now) = known;
    let approves = |account: &AccountId| {
        let actor = reference.actor(*account, now);
        actor.is_some_and(|actor| permission::approving_for(&actor, petition, &reference.units).next().is_some())
    };
    let able = |account: &AccountId| approves(account) && reachable(*account, petition, known);
    reference.delegations.keys().copied().filter(able).collect()
}

/// Whether a person may be told of a petition, and has an address.
fn reachable(account: AccountId, petition: &Petition, (reference, now): (&Reference, Instant)) -> bool {
    reference.accounts.get(&account).is_some_and(|account| !account.email.is_empty())
        && may_know(account, petition, (reference, now))
}

/// Whether a person may know by now that a petition exists.
pub fn may_know(account: AccountId, petition: &Petition, (reference, now): (&Reference, Instant)) -> bool {
    reference.actor(account, now).is_some_and(|actor| permission::sees(&actor, petition, &reference.units))
}
