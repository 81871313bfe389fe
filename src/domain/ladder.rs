//! Whom a level is told: a ladder of holder, head, focal unit and supervisor.

use super::{
    ids::{AccountId, LetterId, NoticeId, Source, UnitId},
    permission,
    petition::Petition,
    reference::Reference,
    time::{Due, Instant},
    watch,
    words::{Level, Role},
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
    /// The person it is assigned to; else the handlers of the holder, or the dispatchers while the focal unit has it.
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
        Level::DueSoon | Level::UnitDueSoon => &[R::Holder],
        Level::Due | Level::UnitOverdue | Level::ProgressOwed => &[R::Holder, R::Head],
        Level::Overdue => &[R::Holder, R::Head, R::Focal],
        Level::LongOverdue => &[R::Holder, R::Head, R::Focal, R::Supervisor],
        Level::Unaccepted | Level::Unforwarded => &[R::Focal, R::Head],
        Level::Unpublished => &[R::Focal],
    }
}

/// The notices that raised levels make due, each person one for a level. Nobody is told of a petition that they may
/// not see.
pub fn notices(after: &Petition, levels: &[Level], now: Instant, context: (&Reference, &dyn Source)) -> Vec<Notice> {
    let (reference, source) = context;
    let mut notices: Vec<Notice> = Vec::new();
    for level in watch::worth_telling(levels) {
        let due = watch::due(after, level, reference);
        for account in rungs(level).iter().flat_map(|rung| on(*rung, after, reference)) {
            let told = notices.iter().any(|notice| notice.account == account && notice.level == level);
            let actor = reference.actor(account);
            if !told && actor.is_some_and(|actor| permission::sees(&actor, after, &reference.units)) {
                notices.push(Notice { id: NoticeId(source.id(now)), account, level, due, letter: None });
            }
        }
    }
    notices
}

fn on(rung: Rung, petition: &Petition, reference: &Reference) -> Vec<AccountId> {
    let unassigned = petition.holder == petition.focal && petition.assigned_at.is_none();
    match (rung, petition.handler) {
        (Rung::Holder, Some(handler)) => vec![handler],
        (Rung::Holder, None) if unassigned => nearest(Role::Dispatcher, petition.focal, reference),
        (Rung::Holder, None) => nearest(Role::Handler, petition.holder, reference),
        (Rung::Head, _) => nearest(Role::Approver, petition.holder, reference),
        (Rung::Focal, _) => nearest(Role::Dispatcher, petition.focal, reference),
        (Rung::Supervisor, _) => nearest(Role::Supervisor, petition.focal, reference),
    }
}

/// Who has a role over a unit by the nearest grant: of the unit itself, else of the one above it, and so on.
fn nearest(role: Role, unit: UnitId, reference: &Reference) -> Vec<AccountId> {
    let mut line = std::iter::once(unit).chain(reference.units.above(unit).map(|above| above.id));
    line.find_map(|unit| reference.by_role.get(&(role, unit)).filter(|found| !found.is_empty()))
        .cloned()
        .unwrap_or_default()
}
