//! What the calendars as they are move of an open round: its clocks, and the day of the reply that is asked for. Both
//! deciding and previewing ask here.

use chrono::TimeDelta;

use super::{
    deadline::Count,
    petition::Petition,
    reference::Reference,
    time::{Due, Instant},
    words::Clock,
};

/// By when the calendar as it is lets the petitioner reply, if that is later than was said and that has not passed. It
/// never comes nearer: the petitioner counts on it.
pub fn reply(petition: &Petition, reference: &Reference, now: Instant) -> Option<Due> {
    let (said, count) = (petition.reply_by?, petition.reply_count.as_ref()?);
    let due = count.due(reference.calendar(petition.focal), reference.zone);
    (now < said.at && said.at < due.at).then_some(due)
}

/// The clocks that the calendars as they are move: which, what they then count, from when to when. What stands still
/// until a reply does so until `reply_by`, if that has moved, but no longer than the policy lets it.
pub fn clocks(
    petition: &Petition,
    reply_by: Option<Due>,
    reference: &Reference,
    now: Instant,
) -> Vec<(Clock, Count, Due, Due)> {
    let mut clocks = petition.clocks.clone();
    if let Some((from, to)) = petition.reply_by.zip(reply_by) {
        let longest = TimeDelta::days(i64::from(reference.terms(petition).pause_days));
        clocks.stand_still((last_moment(from), last_moment(to)), longest);
    }
    clocks.recount(reference, (petition.focal, petition.holder), now)
}

/// The last moment at which something is in time.
pub(super) fn last_moment(due: Due) -> Instant {
    due.at - TimeDelta::microseconds(1)
}
