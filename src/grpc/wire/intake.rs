//! Messages of IntakeService.

use super::{
    parse::{Faults, asked},
    view::{data_request, due, register, stamp, summary},
    words::{Numbered as _, number},
};
use crate::{
    app::{Asked, Caller, Error, OwnView, Proof, Submitted, ToldLetter},
    domain::{
        command::{Command, RequestData, Submit},
        decide::{Asker, Said, misplaced, unreachable},
        ids::AccountId,
        petition::Petition,
        petitioner::{Consent, Petitioner, PortalUser},
        reference::Reference,
        text::{Ending, Submission, body, line},
        time::Instant,
        words::{DataRight, Kind, Language, Medium, PetitionerType, Role, State},
    },
    pb,
};

pub(crate) fn submit(
    request: &pb::SubmitPetitionRequest,
    caller: &Caller,
    now: Instant,
) -> Result<(Asked, Submit), Error> {
    let mut f = Faults::default();
    let reference = &caller.reference;
    let request_id = f.uuid("request_id", &request.request_id);
    let kind = f.required::<Kind>("kind", request.kind);
    let channel = f.required("channel", request.channel);
    let submission = Submission {
        title: f.text("title", &request.title, line(5, 200)),
        content: f.text("content", &request.content, body(10, 20_000)),
        proposal: f.text("proposal", &request.proposal, body(0, 20_000)),
        place: place(&mut f, &request.place),
        requested_body: f.text("requested_body", &request.requested_body, line(0, 300)),
        procedure_number: f.text("procedure_number", &request.procedure_number, line(0, 50)),
        dossier_number: f.text("dossier_number", &request.dossier_number, line(0, 50)),
        enclosures: f.text("enclosures", &request.enclosures, body(0, 2_000)),
    };
    match kind {
        Some(Kind::Proposal) if request.proposal.trim().is_empty() => f.note("proposal", "is required for PROPOSAL"),
        Some(Kind::Feedback) if !request.proposal.trim().is_empty() => f.note("proposal", "is for PROPOSAL only"),
        _ => {}
    }
    let class = f.optional("subject_class", request.subject_class);
    let field = f.field("field", &request.field, reference);
    let language = f.optional("language", request.language).unwrap_or(Language::Vi);
    let petitioner = petitioner(&mut f, request, caller.account);
    let given = f.optional::<Medium>("medium", request.medium);
    let medium = given.unwrap_or(match &petitioner {
        Some(petitioner) if !petitioner.email.is_empty() => Medium::Email,
        _ => Medium::Portal,
    });
    if let Some(petitioner) = &petitioner {
        // A contact that was given and is faulty has been named already.
        f.extend(unreachable(medium, petitioner).filter(|_| contact(request, medium).trim().is_empty()));
    }
    let received_at = f.instant("received_at", request.received_at.as_ref());
    let focal = f.unit("focal_unit", &request.focal_unit, reference);
    // A unit that is not one has been named already.
    if let Some((kind, channel)) = kind.zip(channel)
        && (focal.is_some() || request.focal_unit.is_empty())
    {
        let asker = Asker { actor: &caller.actor, reference, now };
        f.extend(misplaced(&Said { kind, class, channel, focal, received_at }, &asker));
    }
    let read = kind.zip(channel).zip(petitioner).map(|((kind, channel), petitioner)| Submit {
        kind,
        class,
        field,
        channel,
        submission,
        petitioner,
        medium,
        language,
        received_at,
        focal,
    });
    let submit = f.or_some(read)?;
    Ok((asked("SubmitPetition", request_id, None, request), submit))
}

/// A request of the data subject: about which petition, the proof, how it was asked for, and what.
pub(crate) fn request_data(
    r: &pb::SubmitDataRequestRequest,
    caller: &Caller,
) -> Result<(String, Proof, Asked, RequestData), Error> {
    let mut f = Faults::default();
    let request_id = f.uuid("request_id", &r.request_id);
    let code = f.tracking_code("code", &r.code);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let right = f.required::<DataRight>("right", r.right);
    let text = f.text("text", &r.text, body(1, 20_000));
    let channel = f.optional("channel", r.channel);
    let received_at = f.instant("received_at", r.received_at.as_ref());
    let asked = asked("SubmitDataRequest", request_id, None, r);
    let read = right.map(|right| (code, proof, asked, RequestData { right, text, channel, received_at, known: None }));
    f.or_some(read)
}

/// What a medium runs on, as typed.
fn contact(request: &pb::SubmitPetitionRequest, medium: Medium) -> &str {
    request.petitioner.as_ref().map_or("", |given| match medium {
        Medium::Email => &given.email,
        Medium::Paper => &given.address,
        Medium::Phone => &given.phone,
        Medium::Portal => "",
    })
}

fn place(f: &mut Faults, typed: &str) -> String {
    let place = f.text("place", typed, line(0, 20));
    if !place.chars().all(|c| c.is_ascii_alphanumeric()) {
        f.note("place", "must be of letters and digits");
    }
    place
}

fn petitioner(f: &mut Faults, request: &pb::SubmitPetitionRequest, portal: AccountId) -> Option<Petitioner> {
    let subject = f.text("portal_subject", &request.portal_subject, line(0, 200));
    let consents = consents(f, &request.consents);
    let Some(given) = &request.petitioner else {
        f.note("petitioner", "is required");
        return None;
    };
    let kind = f.required::<PetitionerType>("petitioner.type", given.r#type);
    let petitioner = Petitioner {
        kind: kind.unwrap_or(PetitionerType::Individual),
        name: f.text("petitioner.name", &given.name, line(2, 200)),
        email: f.email("petitioner.email", &given.email),
        phone: phone(f, &given.phone),
        address: f.text("petitioner.address", &given.address, line(0, 500)),
        representative: f.text("petitioner.representative", &given.representative, line(0, 200)),
        signatories: f.amount("petitioner.signatories", given.signatories, Some(1), (1, 1_000_000)),
        consents,
        portal_user: (!subject.is_empty()).then_some(PortalUser { portal, subject }),
    };
    if [&given.email, &given.phone, &given.address].iter().all(|contact| contact.trim().is_empty()) {
        f.note("petitioner", "needs at least one of email, phone and address");
    }
    Some(petitioner)
}

fn phone(f: &mut Faults, typed: &str) -> String {
    let phone = f.text("petitioner.phone", typed, line(0, 20));
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let fits = phone.chars().all(|c| c.is_ascii_digit() || " +-.()".contains(c));
    if !phone.is_empty() && (!fits || phone.len() < 6 || digits < 3) {
        f.note("petitioner.phone", "must be 6 to 20 of digits, spaces, +, -, ., ( and )");
    }
    phone
}

fn consents(f: &mut Faults, given: &[pb::Consent]) -> Vec<Consent> {
    if given.len() > 10 {
        f.note("consents", "must be at most 10");
        return Vec::new();
    }
    let mut consents: Vec<Consent> = Vec::new();
    for (n, consent) in given.iter().enumerate() {
        let field = format!("consents[{n}]");
        let purpose = f.text(&format!("{field}.purpose"), &consent.purpose, line(1, 50));
        if !purpose.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            f.note(&format!("{field}.purpose"), "must be of upper-case letters and _");
        }
        if consents.iter().any(|other| other.purpose == purpose) {
            f.note(&format!("{field}.purpose"), "is named twice");
        }
        let text = f.text(&format!("{field}.text"), &consent.text, body(1, 2_000));
        consents.push(Consent { purpose, text });
    }
    consents
}

pub(crate) fn submitted(submitted: &Submitted) -> pb::SubmitPetitionResponse {
    pb::SubmitPetitionResponse {
        code: submitted.code.clone(),
        access_key: submitted.access_key.clone(),
        received_at: Some(stamp(submitted.received_at)),
        intake_due: Some(due(&submitted.intake_due)),
        answer_due: Some(due(&submitted.answer_due)),
    }
}

pub(crate) fn data_requested(submitted: &Submitted) -> pb::SubmitDataRequestResponse {
    pb::SubmitDataRequestResponse {
        code: submitted.code.clone(),
        access_key: submitted.access_key.clone(),
        received_at: Some(stamp(submitted.received_at)),
        intake_due: Some(due(&submitted.intake_due)),
        answer_due: Some(due(&submitted.answer_due)),
    }
}

pub(crate) fn proof(f: &mut Faults, proof: Option<&pb::Proof>) -> Proof {
    proof.map_or_else(Proof::default, |proof| Proof {
        access_key: f.text("proof.access_key", &proof.access_key, line(0, 64)),
        portal_subject: f.text("proof.portal_subject", &proof.portal_subject, line(0, 200)),
    })
}

/// A portal proves that it speaks for the petitioner; a clerk has the petitioner before the counter.
fn own_proof(f: &mut Faults, given: Option<&pb::Proof>, caller: &Caller) -> Proof {
    let none = given.is_none_or(|given| given.access_key.is_empty() && given.portal_subject.is_empty());
    if none && caller.actor.has(Role::Portal) && !caller.actor.has(Role::Clerk) {
        f.note("proof", "is required: the access key or the portal_subject");
    }
    proof(f, given)
}

pub(crate) fn track(request: &pb::TrackPetitionRequest) -> Result<(String, Proof), Error> {
    let mut f = Faults::default();
    let code = f.tracking_code("code", &request.code);
    let proof = proof(&mut f, request.proof.as_ref());
    f.or((code, proof))
}

/// A petition to explain to its petitioner: which, the proof, which round.
pub(crate) fn explain_own(
    r: &pb::ExplainOwnDeadlineRequest,
    caller: &Caller,
) -> Result<(String, Proof, Option<i32>), Error> {
    let mut f = Faults::default();
    let code = f.tracking_code("code", &r.code);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let round = f.round("round", r.round);
    f.or((code, proof, round))
}

/// A command of the petitioner: which petition, the proof, how it was asked for, and what.
pub(crate) type Own = (String, Proof, Asked, Command);

pub(crate) fn provide_information(r: &pb::ProvideInformationRequest, caller: &Caller) -> Result<Own, Error> {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ProvideInformation", r);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let text = f.text("text", &r.text, body(1, 20_000));
    f.or((code, proof, asked, Command::ProvideInformation { text }))
}

pub(crate) fn withdraw(r: &pb::WithdrawPetitionRequest, caller: &Caller) -> Result<Own, Error> {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "WithdrawPetition", r);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let reason = f.optional_text("reason", &r.reason, body(0, 2_000));
    f.or((code, proof, asked, Command::Withdraw { reason }))
}

pub(crate) fn rate(r: &pb::RatePetitionRequest, caller: &Caller) -> Result<Own, Error> {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "RatePetition", r);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let stars = f.amount("stars", r.stars, None, (1, 5));
    let comment = f.optional_text("comment", &r.comment, body(0, 2_000));
    let stars = i32::try_from(stars).unwrap_or(1);
    f.or((code, proof, asked, Command::Rate { stars, comment }))
}

pub(crate) fn reopen(r: &pb::ReopenPetitionRequest, caller: &Caller) -> Result<Own, Error> {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ReopenPetition", r);
    let proof = own_proof(&mut f, r.proof.as_ref(), caller);
    let reason = f.text("reason", &r.reason, body(1, 5_000));
    f.or((code, proof, asked, Command::Reopen { reason }))
}

/// A petition in broad strokes: what whoever knows the code may see.
pub(crate) fn tracked(petition: &Petition) -> pb::TrackPetitionResponse {
    let state = match petition.state {
        State::Submitted => State::Submitted,
        state if state.is_open() => State::InProgress,
        state => state,
    };
    pb::TrackPetitionResponse {
        code: petition.code.clone(),
        state: state.number(),
        answer_due: petition.state.is_open().then(|| due(&petition.answer_due)),
        details: None,
    }
}

pub(crate) fn tracked_own(view: &OwnView, reference: &Reference) -> pb::TrackPetitionResponse {
    let (dossier, petition) = (&view.dossier, &view.dossier.petition);
    let submission = dossier
        .texts
        .get(&petition.submission)
        .map(|text| Submission::read(&text.title, &text.body))
        .unwrap_or_default();
    let ending = Ending::read(dossier.body(petition.ending));
    let ending_text = if petition.state == State::Transferred { ending.body } else { ending.text };
    let details = pb::PetitionerView {
        version: petition.version,
        title: submission.title,
        content: submission.content,
        proposal: submission.proposal,
        received_at: Some(stamp(petition.received_at)),
        accepted_at: petition.accepted_at.map(stamp),
        answered_at: petition.answer.map(|answer| stamp(answer.at)),
        original_due: (petition.extensions > 0).then(|| due(&petition.original_due)),
        unit: reference.units.get(petition.holder).map_or_else(String::new, |unit| unit.name.clone()),
        register_number: register(petition.register, reference),
        questions: view
            .questions
            .iter()
            .map(|question| pb::Question {
                text: question.text.clone(),
                asked_at: Some(stamp(question.asked_at)),
                reply_by: Some(due(&question.reply_by)),
                reply: question.reply.clone(),
            })
            .collect(),
        answer: dossier.body(petition.answer.map(|answer| answer.text)).to_owned(),
        outcome: number(petition.answer.and(petition.outcome)),
        refusal_reason: number(petition.refusal),
        ending_text,
        redirect: ending.redirect,
        stars: petition.stars.unwrap_or(0),
        reopen_until: view.reopen_until.map(stamp),
        letters: view.letters.iter().map(letter).collect(),
        publication_id: petition.public_id.map(|id| id.to_string()).unwrap_or_default(),
        round: petition.round,
        erased_at: petition.erased_at.map(stamp),
        data_request: data_request(petition),
    };
    pb::TrackPetitionResponse {
        code: petition.code.clone(),
        state: petition.state.number(),
        answer_due: petition.state.is_open().then(|| due(&petition.answer_due)),
        details: Some(details),
    }
}

fn letter(letter: &ToldLetter) -> pb::LetterSummary {
    pb::LetterSummary {
        kind: letter.kind.as_str().to_owned(),
        medium: letter.medium.number(),
        status: letter.status.as_str().to_owned(),
        created_at: Some(stamp(letter.ordered_at)),
        settled_at: letter.settled_at.map(stamp),
    }
}

pub(crate) fn own(petition: &Petition, title: &str, reference: &Reference, now: Instant) -> pb::OwnPetition {
    let summary = summary(petition, title, reference, now);
    pb::OwnPetition {
        code: summary.code,
        title: summary.title,
        state: summary.state,
        received_at: summary.received_at,
        answer_due: summary.answer_due.filter(|_| petition.state.is_open()),
        data_request: summary.data_request,
    }
}
