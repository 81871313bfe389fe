//! What happened to a sample petition and when: its submission, and the commands that followed.

use super::{
    super::Failure,
    author::Author,
    diary::{Diary, fit},
    sample::{Sample, Tongue},
};
use crate::{
    app::Acting,
    domain::{
        command::{Command, Submit},
        ids::AccountId,
        petitioner::{Petitioner, PortalUser},
        reference::Reference,
        text::Submission,
        time::Instant,
        words::{Channel, Language, Medium},
    },
};

/// A life to be led.
pub(super) struct Plan {
    /// When it was entered.
    pub(super) entered_at: Instant,
    /// Who entered it.
    pub(super) by: AccountId,
    pub(super) submit: Submit,
    /// What followed, oldest first.
    pub(super) steps: Vec<Step>,
}

/// One command.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) at: Instant,
    pub(super) acting: Acting,
    pub(super) command: Command,
}

/// Plans the life of a sample, the last step before `now`.
///
/// # Errors
/// When the sample names what the directory does not have.
pub(super) fn plan(sample: &Sample, reference: &Reference, now: Instant) -> Result<Plan, Failure> {
    let day = sample.received_on(reference.zone.date(now));
    let mut author = Author::new(sample, reference, Diary::new(reference, &sample.key, day, now))?;
    let received_at = author.diary.at;
    let assisted = sample.channel.assisted();
    let entered_at = if assisted { author.diary.minutes(10, 60) } else { received_at };
    author.live();
    let mut steps = author.steps;
    let mut instants: Vec<Instant> = [received_at, entered_at].into_iter().chain(steps.iter().map(|s| s.at)).collect();
    fit(&mut instants, now);
    for (step, at) in steps.iter_mut().zip(instants.iter().skip(2)) {
        step.at = *at;
    }
    Ok(Plan {
        entered_at: instants[1],
        by: author.entrant,
        submit: submission(sample, author.entrant, assisted.then_some(instants[0])),
        steps,
    })
}

fn submission(sample: &Sample, entrant: AccountId, received_at: Option<Instant>) -> Submit {
    let person = &sample.petitioner;
    let medium = match sample.channel {
        _ if !person.email.is_empty() => Medium::Email,
        Channel::Hotline => Medium::Phone,
        _ => Medium::Paper,
    };
    // Portals name their user, so that the user may follow without the key.
    let portal_user = || PortalUser { portal: entrant, subject: format!("demo-{}", sample.key) };
    Submit {
        kind: sample.kind,
        class: Some(sample.subject_class),
        field: Some(sample.field.clone()),
        channel: sample.channel,
        submission: Submission {
            title: sample.title.clone(),
            content: sample.content.clone(),
            proposal: sample.proposal.clone(),
            ..Submission::default()
        },
        petitioner: Petitioner {
            kind: person.kind,
            name: person.name.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            address: person.address.clone(),
            representative: String::new(),
            signatories: 1,
            consents: Vec::new(),
            portal_user: (!sample.channel.assisted()).then(portal_user),
        },
        medium,
        language: match sample.language {
            Tongue::Vi => Language::Vi,
            Tongue::En => Language::En,
        },
        received_at,
        focal: None,
    }
}
