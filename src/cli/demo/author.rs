//! Writes down what happened to a sample petition after it came in, until it stands where its sample says.

use super::{
    super::Failure,
    diary::Diary,
    plan::Step,
    sample::{Ending, Sample},
};
use crate::{
    app::Acting,
    domain::{
        account::Account,
        command::{Accept, Command},
        event::Assignment,
        ids::{AccountId, UnitId},
        reference::Reference,
        text::{self, Redaction},
        words::{Capacity, PetitionerType, Priority, Role},
    },
};

/// Writes the steps down.
pub(super) struct Author<'a> {
    sample: &'a Sample,
    pub(super) diary: Diary<'a>,
    pub(super) steps: Vec<Step>,
    /// Who enters it: the portal, or the clerk.
    pub(super) entrant: AccountId,
    petitioner: Acting,
    dispatcher: Acting,
    handler: AccountId,
    approver: Acting,
    lead: UnitId,
    concerned: Option<UnitId>,
}

impl<'a> Author<'a> {
    /// Finds the people that a sample needs.
    ///
    /// # Errors
    /// When the sample names what the directory does not have.
    pub(super) fn new(sample: &'a Sample, reference: &'a Reference, diary: Diary<'a>) -> Result<Self, Failure> {
        let lost = |what: &str| Failure::new(format!("sample {}: the directory has no {what}", sample.key));
        let unit = |code: &str| reference.units.by_code(code).map(|unit| unit.id).ok_or_else(|| lost(code));
        let account = |login: &str| reference.account(login).map(|found| found.id).ok_or_else(|| lost(login));
        let lead = unit(&sample.lead_unit)?;
        let assisted = sample.channel.assisted();
        let entrant = account(if assisted { "clerk" } else { "portal" })?;
        let staff = |role| nearest(reference, role, lead).ok_or_else(|| lost("staff for the unit"));
        Ok(Self {
            sample,
            diary,
            steps: Vec::new(),
            entrant,
            petitioner: if assisted { Acting::Account(entrant) } else { Acting::Petitioner(entrant) },
            dispatcher: Acting::Account(account("dispatcher")?),
            handler: staff(Role::Handler)?,
            approver: Acting::Account(staff(Role::Approver)?),
            lead,
            concerned: sample.concerned_unit.as_deref().map(unit).transpose()?,
        })
    }

    fn then(&mut self, acting: Acting, command: Command) {
        self.steps.push(Step { at: self.diary.at, acting, command });
    }

    fn note(&mut self, acting: Acting) {
        if let Some(text) = self.sample.note.clone().filter(|_| self.sample.ending != Ending::TakenDown) {
            self.diary.minutes(5, 30);
            self.then(acting, Command::AddNote { text });
        }
    }

    fn ask(&mut self, acting: Acting) {
        if let Some(question) = self.sample.question.clone() {
            self.then(acting, Command::RequestInformation { question, reply_days: None });
            if let Some(text) = self.sample.information.clone() {
                self.diary.days(1);
                self.then(self.petitioner, Command::ProvideInformation { text });
            }
        }
    }

    /// From the submission to where the sample says.
    pub(super) fn live(&mut self) {
        match self.sample.ending {
            Ending::Submitted => {}
            Ending::NeedsInformation => self.need_information(),
            Ending::Refused | Ending::Transferred => self.send_away(),
            Ending::Accepted => self.accept(),
            Ending::Assigned => {
                self.accept();
                self.note(self.dispatcher);
            }
            Ending::Withdrawn => {
                self.accept();
                self.diary.days(2);
                let reason = self.sample.withdraw_reason.clone();
                self.then(self.proven(), Command::Withdraw { reason });
            }
            Ending::InProgress => self.work(),
            Ending::AwaitingApproval => {
                self.work();
                self.submit_draft();
            }
            _ => {
                self.work();
                self.answer();
                self.after();
            }
        }
    }

    fn need_information(&mut self) {
        self.diary.working_days(1);
        self.note(self.dispatcher);
        self.ask(self.dispatcher);
    }

    fn send_away(&mut self) {
        self.need_information();
        if self.sample.question.is_some() && self.sample.information.is_none() {
            // The question lapses first.
            self.diary.working_days(7);
        }
        self.diary.minutes(15, 90);
        if let Some(refusal) = self.sample.refusal.clone() {
            let ending = text::Ending { text: refusal.text, redirect: refusal.redirect, ..text::Ending::default() };
            self.then(self.dispatcher, Command::Refuse { reason: refusal.code, ending });
        }
        if let Some(to) = self.sample.transfer.clone() {
            let (body, address, email, reference) = (to.body, to.address, to.email, to.reference);
            let ending = text::Ending { body, address, email, reference, ..text::Ending::default() };
            self.then(self.dispatcher, Command::Transfer { ending });
        }
    }

    /// Takes it up; one in three is registered first and given to its unit later, the urgent ones at once.
    fn accept(&mut self) {
        let urgent = self.sample.priority == Priority::Urgent;
        if urgent {
            self.diary.minutes(20, 20);
        } else {
            self.diary.working_days(1);
        }
        let assignment = Assignment { unit: self.lead, co_units: Vec::new(), handler: None };
        let later = !urgent && self.diary.up_to(2) == 0;
        let stays = self.sample.ending == Ending::Accepted;
        let accept = Accept {
            kind: None,
            class: None,
            field: None,
            priority: self.sample.priority,
            priority_reason: self.sample.priority_reason.clone(),
            concerned: self.concerned,
            assignment: (!later && !stays).then(|| assignment.clone()),
            written: None,
            requests: Vec::new(),
        };
        self.then(self.dispatcher, Command::Accept(Box::new(accept)));
        if stays {
            self.note(self.dispatcher);
        } else if later {
            self.diary.minutes(60, 120);
            self.then(self.dispatcher, Command::Assign { assignment, reason: None });
        }
    }

    fn work(&mut self) {
        self.accept();
        let handler = Acting::Account(self.handler);
        if self.sample.priority == Priority::Urgent {
            self.diary.minutes(30, 60);
        } else {
            self.diary.working_days(1);
        }
        self.then(handler, Command::Start);
        self.note(handler);
        self.diary.minutes(20, 60);
        self.ask(handler);
        let days = u32::try_from(self.diary.up_to(3)).unwrap_or(0);
        self.diary.working_days(days);
        let text = self.sample.draft.clone().unwrap_or_default();
        self.then(handler, Command::SaveDraft { text, based_on: None });
    }

    fn submit_draft(&mut self) {
        if let Some(outcome) = self.sample.outcome {
            self.diary.minutes(30, 120);
            let finding = self.sample.finding;
            self.then(Acting::Account(self.handler), Command::SubmitDraft { outcome, finding });
        }
    }

    /// The petitioner with proof, through whoever entered the petition.
    fn proven(&self) -> Acting {
        match self.petitioner {
            Acting::Account(account) | Acting::Petitioner(account) => Acting::Petitioner(account),
            Acting::System => Acting::System,
        }
    }

    fn answer(&mut self) {
        if let Some(days) = self.sample.answered_after_days {
            self.diary.days_after_receipt(days);
        } else if self.sample.ending == Ending::Answered {
            // Late enough that the window for reopening is still open.
            self.diary.days_after_receipt(self.sample.days_ago.saturating_sub(12));
        }
        self.submit_draft();
        if self.sample.answered_after_days.is_none() {
            self.diary.working_days(1);
        } else {
            self.diary.minutes(5, 20);
        }
        let organisation = self.sample.petitioner.kind == PetitionerType::Organisation;
        let capacity = if organisation { Capacity::Head } else { Capacity::Deputy };
        self.then(self.approver, Command::Approve { capacity });
    }

    fn after(&mut self) {
        if let Some(redaction) = self.sample.public_text.clone() {
            self.publish(redaction);
        }
        if let Some(rating) = self.sample.rating.clone() {
            self.diary.days(1);
            let comment = Some(rating.comment).filter(|comment| !comment.is_empty());
            self.then(self.petitioner, Command::Rate { stars: rating.stars, comment });
        }
        if let Some(reason) = self.sample.note.clone().filter(|_| self.sample.ending == Ending::TakenDown) {
            self.diary.working_days(3);
            self.then(self.dispatcher, Command::TakeDown { reason });
        }
        if let Some(reason) = self.sample.reopen_reason.clone() {
            self.diary.days(9);
            self.then(self.proven(), Command::Reopen { reason });
        }
    }

    fn publish(&mut self, redaction: Redaction) {
        self.diary.working_days(1);
        self.then(self.dispatcher, Command::SaveRedaction { redaction });
        self.diary.minutes(20, 60);
        // `App::perform` puts the stored text of the revision in.
        self.then(self.dispatcher, Command::Publish { revision: 1, redaction: Redaction::default(), petitioner: None });
    }
}

/// The account with the role over the unit that stands nearest to it.
fn nearest(reference: &Reference, role: Role, unit: UnitId) -> Option<AccountId> {
    let units = &reference.units;
    let stands = |place: UnitId| move |account: &&Account| account.unit == place;
    std::iter::once(unit).chain(units.above(unit).map(|above| above.id)).find_map(|place| {
        let mut able: Vec<&Account> = reference.accounts.values().filter(stands(place)).collect();
        let grants = |account: &Account| reference.grants.get(&account.id).into_iter().flatten();
        able.retain(|account| grants(account).any(|grant| grant.role == role && units.within(unit, grant.unit)));
        able.into_iter().map(|account| (&account.login, account.id)).min().map(|(_, id)| id)
    })
}
