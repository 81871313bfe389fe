//! Looks at sealed identities in messages of CaseworkService and SupervisionService.

use super::{
    casework::Read,
    parse::Faults,
    view::{stamp, summary},
    words::Numbered as _,
};
use crate::{
    app::{Caller, Error, KeptReveal, RevealFilter, Similar},
    domain::{
        command::Command,
        likeness,
        petitioner::Petitioner,
        reference::Reference,
        reveal::Looks,
        text::{hex, line},
        time::Instant,
    },
    pb,
};

pub(crate) fn reveal(r: &pb::RevealPetitionerRequest) -> Result<(String, String), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let code = f.tracking_code("code", &r.code);
    let reason = f.text("reason", &r.reason, line(5, 500));
    f.or((code, reason))
}

pub(crate) fn erase(r: &pb::ErasePetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ErasePetition", r);
    let ground = f.required("ground", r.ground);
    let document = f.text("document_number", &r.document_number, line(1, 100));
    // The looks are counted where it is decided.
    let read = ground.map(|ground| (code, asked, Command::Erase { ground, document, looks: Looks::default() }));
    f.or_some(read)
}

pub(crate) fn similar(similar: &Similar, reference: &Reference, now: Instant) -> pb::SimilarPetition {
    use pb::Likeness as L;
    let likenesses = [
        (similar.same_email, L::SameEmail),
        (similar.same_phone, L::SamePhone),
        (similar.same_user, L::SamePortalUser),
        (similar.text >= likeness::LEAST, L::SimilarText),
    ];
    pb::SimilarPetition {
        summary: Some(summary(&similar.petition, &similar.title, reference, now)),
        likenesses: likenesses.into_iter().filter(|(is, _)| *is).map(|(_, likeness)| likeness.into()).collect(),
        text_score: i32::try_from(similar.text).unwrap_or(100),
    }
}

pub(crate) fn revealed(petitioner: Petitioner) -> pb::RevealPetitionerResponse {
    let consents = petitioner.consents;
    pb::RevealPetitionerResponse {
        petitioner: Some(pb::Petitioner {
            r#type: petitioner.kind.number(),
            name: petitioner.name,
            email: petitioner.email,
            phone: petitioner.phone,
            address: petitioner.address,
            representative: petitioner.representative,
            signatories: i32::try_from(petitioner.signatories).unwrap_or(i32::MAX),
        }),
        consents: consents.into_iter().map(|one| pb::Consent { purpose: one.purpose, text: one.text }).collect(),
    }
}

/// Which looks, and the tracking code of a petition if one is named.
pub(crate) fn reveals(r: &pb::ListRevealsRequest, caller: &Caller) -> Result<(RevealFilter, Option<String>), Error> {
    let mut f = Faults::default();
    let code = (!r.code.is_empty()).then(|| f.tracking_code("code", &r.code));
    let filter = RevealFilter {
        account: f.account("account", &r.account, &caller.reference),
        petition: None,
        from: f.instant("from", r.from.as_ref()),
        until: f.instant("until", r.until.as_ref()),
    };
    f.or((filter, code))
}

pub(crate) fn kept((reveal, hash, code, reason): KeptReveal, reference: &Reference) -> pb::Reveal {
    pb::Reveal {
        code,
        seq: reveal.seq,
        happened_at: Some(stamp(reveal.at)),
        account: reference.login(reveal.account).to_owned(),
        unit: reference.units.code(reveal.unit).to_owned(),
        reason,
        hash: hex(&hash),
    }
}
