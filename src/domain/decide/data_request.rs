//! What a data subject asks about the personal data of a petition of theirs: a petition of its own, of a kind and a policy
//! of its own, with the sealed record of the one that it is about.

use super::{
    Context, Step, faults, finish,
    submit::{Asker, Said, receipt_fault, take_in},
};
use crate::domain::{
    account::{Actor, ActorRef},
    change::Change,
    command::{Command, Known, RequestData, Submit},
    event::Event,
    permission,
    petition::{DataRequest, Petition},
    refusal::{Fault, Refusal, rule},
    succession,
    text::Submission,
    words::{Channel, Kind, Role},
};

const RPC: &str = "SubmitDataRequest";
/// Requests about a petition that are open, at the most.
const OPEN: usize = 5;
/// Requests about a petition in all, at the most.
const ALL: u32 = 100;

/// Decides a request about a petition. The petition's own trail says that there is one, and nobody erases it, or says
/// anew of whom it complains, in between.
///
/// # Errors
/// `NotFound` and `Forbidden` as for a command; `Invalid`; a rule where there is no data subject, and for too many.
pub fn request_data(command: RequestData, about: &Petition, context: &Context<'_>) -> Result<Change, Refusal> {
    let (actor, units) = (context.actor, &context.reference.units);
    if !permission::sees(actor, about, units) {
        return Err(Refusal::NotFound);
    }
    let Some(account) = actor.who.account().filter(|_| permission::may_see(RPC, actor, about, units)) else {
        return Err(permission::denied(RPC));
    };
    let closed = units.is_closed(about.focal);
    let focal = units.focal_for(about.focal).filter(|_| closed).map_or(about.focal, |focal| focal.id);
    // Where nobody may know of it nobody would take it up.
    let focal = about.accused().map_or(focal, |accused| succession::beyond(accused, focal, units));
    let channel = came_by(command.channel, actor.covers(Role::Clerk, about.focal, units), actor);
    let mut faults: Vec<Fault> = channel.clone().err().into_iter().collect();
    if let (Ok(channel), Some(at)) = (&channel, command.received_at) {
        let (kind, channel, focal) = (Kind::DataRequest, *channel, Some(focal));
        let said = Said { kind, class: None, channel, focal, received_at: Some(at) };
        let asker = Asker { actor, reference: context.reference, now: context.now };
        let before = || (at < about.received_at).then(|| "lies before the receipt of the petition".to_owned());
        let wrong = receipt_fault(&said, at, &asker).or_else(before);
        faults.extend(wrong.map(|what| Fault::new("received_at", what)));
    }
    let Some(channel) = channel.ok().filter(|_| faults.is_empty()) else { return Err(Refusal::Invalid(faults)) };
    let Known { petitioner, open } = command.known.map(|known| *known).unwrap_or_default();
    if about.is_data_request() {
        return Err(rule("ABOUT_DATA_REQUEST", "it is itself a request about the data of another petition"));
    }
    if about.erased_at.is_some() {
        return Err(rule("ERASED", "who brought it was erased, with every text: nothing is left to ask about"));
    }
    let Some(petitioner) = petitioner else {
        return Err(rule("NO_DATA_SUBJECT", "nobody is known who brought it: no personal data is kept of them"));
    };
    if open >= OPEN || about.data_requests >= ALL {
        let what = format!("of requests about one petition {OPEN} may be open, and {ALL} be there in all");
        return Err(rule("TOO_MANY_DATA_REQUESTS", what));
    }
    let submit = Submit {
        kind: Kind::DataRequest,
        class: None,
        field: None,
        channel,
        submission: Submission {
            title: command.right.title().to_owned(),
            content: command.text,
            ..Submission::default()
        },
        petitioner,
        medium: about.medium,
        language: about.language,
        received_at: command.received_at,
        focal: Some(focal),
    };
    let (code, field) = (about.code.clone(), about.accused().and(about.field.clone()));
    let request = DataRequest { petition: about.id, code, right: command.right, field };
    let mut change = take_in(submit, (account, focal), Some((request, about.accused())), context)?;
    if let Some(request) = change.subjects.first().map(|subject| subject.after.id) {
        let step = Step::new(Event::DataRequested { request, right: command.right }, about.state);
        change.subjects.extend(finish(Some(about), step, false, None, context)?.subjects);
    }
    Ok(change)
}

/// The way it came: through a portal by whoever proved to be the petitioner, or to a clerk of the focal unit.
fn came_by(named: Option<Channel>, clerk: bool, actor: &Actor) -> Result<Channel, Fault> {
    let proved = matches!(actor.who, ActorRef::Petitioner { .. }) && actor.has(Role::Portal);
    let wrong = match named.or(proved.then_some(Channel::Portal)) {
        None => "is required: the way it came",
        Some(channel) if channel.assisted() && !clerk => "is for clerks of the focal unit, who type it in",
        Some(channel) if !channel.assisted() && !proved => "is for portals, with proof",
        Some(channel) => return Ok(channel),
    };
    Err(Fault::new("channel", wrong))
}

/// Whether it is never done to a request: nobody reads one but who works on it.
pub(super) const fn is_not_for_one(command: &Command) -> bool {
    matches!(command, Command::SaveRedaction { .. } | Command::Publish { .. } | Command::ShareCopy { .. })
}

/// The requests about a petition of which a command says anew whom it complains of.
pub(super) fn about(command: &mut Command) -> Vec<Petition> {
    match command {
        Command::Accept(accept) => std::mem::take(&mut accept.requests),
        Command::Reclassify(reclassify) => std::mem::take(&mut reclassify.requests),
        _ => Vec::new(),
    }
}

/// Whoever is complained of learns no more of the requests than of the petition, and has none of them in hand.
pub(super) fn follow(change: &mut Change, requests: Vec<Petition>, context: &Context<'_>) -> Result<(), Refusal> {
    let Some(about) = change.subjects.first().map(|subject| &subject.after) else { return Ok(()) };
    let (concerned, field) = (about.accused(), about.accused().and(about.field.clone()));
    let fault = |request: &Petition| {
        let turned = Petition { concerned, ..request.clone() };
        let held = faults::held_inside(&turned, context.reference).filter(|_| request.state.is_open())?;
        Some(Fault::new("concerned_unit", format!("{held}: {}, a request about it", request.code)))
    };
    let held: Vec<Fault> = requests.iter().filter_map(fault).collect();
    if !held.is_empty() {
        return Err(Refusal::Invalid(held));
    }
    let follows = |request: &&Petition| {
        request.concerned != concerned || request.about.as_ref().is_some_and(|about| about.field != field)
    };
    for request in requests.iter().filter(follows) {
        let step = Step::new(Event::ConcernFollowed { concerned, field: field.clone() }, request.state);
        change.subjects.extend(finish(Some(request), step, false, None, context)?.subjects);
    }
    Ok(())
}
