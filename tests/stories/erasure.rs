//! Erasing: nothing is left of who wrote, nor of what, neither in rows nor in files; all else stays, and the trail says so.

use pakn::{domain::text::hex, pb};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::{Code, Status};

use crate::{
    call,
    directory::everything,
    on_both,
    terminal::Terminal,
    world::{Deed, Person, Refused as _, World, days, feedback, feedback_of, minutes},
};

/// Words that stand nowhere else: of the petitioner, and of everything that anybody types about the petition.
const WHO: [&str; 7] = [
    "Chimyenten Mật",
    "chimyenthu@bimat.example",
    "0987650123",
    "Ngochimyen 77",
    "Daidienchimyen",
    "chimyen-nguoi-9",
    "Dongychimyen",
];
const WHAT: [&str; 16] = [
    "tieudechimyen",
    "noidungchimyen",
    "denghichimyen",
    "coquanchimyen",
    "thutucchimyen",
    "hosochimyen",
    "dinhkemchimyen",
    "cauhoichimyen",
    "bosungchimyen",
    "ghichuchimyen",
    "lydochimyen",
    "duthaochimyen",
    "traloichimyen",
    "binhluanchimyen",
    "lydoxemchimyen",
    "bandauchimyen",
];
const DOCUMENT: &str = "12/YC-2026";
const ID: &str = "0193e2c4-8f00-7000-8000-00000000000e";

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..Default::default() })
}

fn submission() -> pb::SubmitPetitionRequest {
    let [name, email, phone, address, representative, portal_subject, consent] = WHO.map(str::to_owned);
    let [title, content, proposal, requested_body, procedure_number, dossier_number, enclosures, ..] =
        WHAT.map(|mark| format!("việc {mark} này"));
    let kind = pb::PetitionerType::Individual.into();
    let petitioner = pb::Petitioner { r#type: kind, name, email, phone, address, representative, signatories: 2 };
    pb::SubmitPetitionRequest {
        request_id: "0193e2c4-8f00-7000-8000-00000000000d".to_owned(),
        kind: pb::PetitionKind::Proposal.into(),
        title,
        content,
        proposal,
        requested_body,
        procedure_number,
        dossier_number,
        enclosures,
        petitioner: Some(petitioner),
        portal_subject,
        consents: vec![pb::Consent { purpose: "SHARE_CONTACT".to_owned(), text: consent }],
        ..feedback()
    }
}

async fn redacts(world: &World, code: &str, answer: &str) -> i32 {
    let [title, question, answer] = ["Mạng chậm", "Mạng chậm buổi tối.", answer].map(str::to_owned);
    let redaction = Some(pb::Redaction { title, question, answer });
    let save = pb::SaveRedactionRequest { target: target(code), redaction };
    call!(world.dispatcher(), publication.save_redaction, save).unwrap().revision
}

async fn looks(who: &Person<'_>, code: &str, reason: &str) -> Result<pb::RevealPetitionerResponse, Status> {
    let ask = pb::RevealPetitionerRequest { code: code.to_owned(), reason: reason.to_owned(), ..Default::default() };
    call!(who, casework.reveal_petitioner, ask)
}

/// A petition through its whole life, in which everybody who types something types a mark; its code and its public id.
async fn lived(world: &World) -> (String, String) {
    let [.., question, reply, note, reason, draft, answer, comment, look, first] = WHAT.map(str::to_owned);
    let (dispatcher, handler) = (world.dispatcher(), world.who("cuc-vt-handler"));
    let code = world.citizen().submits(submission()).await.code;
    let t = || target(&code);
    let ask = pb::RequestInformationRequest { target: t(), question, reply_days: 0 };
    call!(dispatcher, casework.request_information, ask).unwrap();
    let proof = Some(pb::Proof { portal_subject: WHO[5].to_owned(), ..Default::default() });
    let provide = pb::ProvideInformationRequest { target: t(), proof: proof.clone(), text: reply };
    call!(world.citizen(), intake.provide_information, provide).unwrap();
    call!(dispatcher, casework.add_note, pb::AddNoteRequest { target: t(), text: note }).unwrap();
    dispatcher.does(Deed::Accept, &code).await;
    dispatcher.does(Deed::Assign("CUC-VT"), &code).await;
    for text in [draft, answer] {
        let save = pb::SaveDraftRequest { target: t(), text, based_on_revision: None };
        call!(handler, casework.save_draft, save).unwrap();
    }
    handler.does(Deed::SubmitDraft, &code).await;
    let send_back = pb::SendBackDraftRequest { target: t(), reason };
    call!(world.who("cuc-vt-approver"), casework.send_back_draft, send_back).unwrap();
    handler.does(Deed::SubmitDraft, &code).await;
    world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
    let rate = pb::RatePetitionRequest { target: t(), proof, stars: 4, comment };
    call!(world.citizen(), intake.rate_petition, rate).unwrap();
    looks(&handler, &code, &look).await.unwrap();
    looks(&dispatcher, &code, &look).await.unwrap();
    redacts(world, &code, &first).await;
    let revision = redacts(world, &code, "Nhà mạng đã mở rộng băng thông.").await;
    let publish = pb::PublishPetitionRequest { target: t(), revision };
    let public = call!(dispatcher, publication.publish_petition, publish).unwrap().publication_id;
    (code, public)
}

async fn erases(who: &Person<'_>, code: &str) -> Result<pb::Outcome, Status> {
    let target = Some(pb::Target { code: code.to_owned(), request_id: ID.to_owned(), version: 0 });
    let (ground, document_number) = (pb::ErasureGround::Request.into(), DOCUMENT.to_owned());
    let erase = pb::ErasePetitionRequest { target, ground, document_number };
    Ok(call!(who, casework.erase_petition, erase)?.outcome.unwrap())
}

/// The bytes that a query gives.
async fn bytes(world: &World, sql: &str) -> Vec<Vec<u8>> {
    let database = world.database().await;
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().filter_map(|row| row.try_get_by_index::<Option<Vec<u8>>>(0).unwrap()).collect()
}

async fn sql(world: &World, sql: &str) {
    let done = world.database().await.execute_unprepared(sql).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
}

/// How bytes look in base 64 wherever they begin, but for what is before and behind them; in small letters.
fn base64(bytes: &[u8]) -> [String; 3] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [0, 1, 2].map(|shift| {
        let shifted = [vec![0; shift], bytes.to_vec()].concat();
        let whole: String = shifted
            .chunks_exact(3)
            .flat_map(|three| {
                let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
                [18, 12, 6, 0].map(|by| char::from(DIGITS[(bits >> by) as usize & 63]))
            })
            .collect();
        whole[if shift == 0 { 0 } else { 4 }..].to_lowercase()
    })
}

/// What of these is in the rows, or in the files of an embedded database; plainly, in hexadecimal or in base 64.
async fn found(world: &World, words: &[&str], secrets: &[Vec<u8>]) -> Vec<String> {
    let (rows, files) = (everything(world).await, world.files());
    let (text, files) = (String::from_utf8_lossy(&files).to_lowercase(), hex(&files));
    let mut found = Vec::new();
    for word in words {
        let word = word.to_lowercase();
        let forms = [word.clone(), hex(word.as_bytes())].into_iter().chain(base64(word.as_bytes()));
        for form in forms.collect::<Vec<_>>() {
            found.extend(rows.contains(&form).then(|| format!("{word} in the rows as {form}")));
            found.extend(text.contains(&form).then(|| format!("{word} in the files as {form}")));
        }
    }
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let secret = hex(secret);
        found.extend(rows.contains(&secret).then(|| format!("{secret} in the rows")));
        found.extend(files.contains(&secret).then(|| format!("{secret} in the files")));
    }
    found
}

async fn broken(world: &World) -> (String, i64, String) {
    let broken = world.app.verify_offline(None).await.unwrap().broken.expect("it is not found out");
    (broken.code, broken.seq, broken.problem)
}

on_both! {
    /// The marks are everywhere before, and nowhere after; not even what was sealed, hashed or salted is.
    async fn nothing_is_left(world: World) {
        // Others before, between and after, at whom somebody looks, so that rows are moved about.
        let mut others = Vec::new();
        for n in 0..12 {
            others.push(world.citizen().submits(feedback_of(&format!("truoc{n}"))).await.code);
        }
        let (code, _) = lived(&world).await;
        for n in 0..12 {
            others.push(world.citizen().submits(feedback_of(&format!("sau{n}"))).await.code);
        }
        for code in &others {
            looks(&world.dispatcher(), code, "Gọi điện hỏi thêm").await.unwrap();
        }
        world.run_workers().await;
        let letters = format!("select l.id from letter l join petition p on p.id = l.petition where p.code = '{code}'");
        let reply = "550 <chimyenthu@bimat.example> no such user";
        sql(&world, &format!("update attempt set reply = '{reply}' where letter in ({letters})")).await;
        let of = |column: &str, table: &str, id: &str| {
            format!("select {column} from {table} where {id} = (select id from petition where code = '{code}')")
        };
        let mut secrets = Vec::new();
        for column in ["sealed", "subject_hash", "email_hash", "phone_hash"] {
            secrets.extend(bytes(&world, &of(column, "petitioner", "petition")).await);
        }
        secrets.extend(bytes(&world, &of("salt", "text", "petition")).await);
        for column in ["address_hash", "sent_salt", "sent_hash"] {
            secrets.extend(bytes(&world, &of(column, "letter", "petition")).await);
        }
        secrets.extend(bytes(&world, &of("content", "request", "petition")).await);
        assert!(secrets.len() > 20, "{}", secrets.len());
        let before = found(&world, &WHAT, &secrets).await;
        assert!(WHAT.iter().all(|mark| before.iter().any(|there| there.starts_with(mark))), "{before:?}");
        assert!(secrets.iter().all(|secret| before.contains(&format!("{} in the rows", hex(secret)))), "{before:?}");

        erases(&world.who("admin"), &code).await.unwrap();
        // The request of the erasure itself is remembered.
        world.run_workers().await;
        let words = [&WHO[..], &WHAT[..], &["C. M."]].concat();
        assert_eq!(found(&world, &words, &secrets).await, [] as [String; 0]);
        assert!(found(&world, &[DOCUMENT, "truoc3"], &[]).await.iter().any(|found| found.contains("12/yc")), "it looks");
        assert!(!world.app.sweep_erased().await.unwrap(), "and is done with");
        let verified = world.app.verify_offline(None).await.unwrap();
        assert_eq!((verified.petitions, verified.erased, verified.broken), (25, 1, None));
    }

    /// What stays, and what becomes of everybody who comes back to it.
    async fn the_case_stays(world: World) {
        let (code, public) = lived(&world).await;
        let (admin, dispatcher, citizen) = (world.who("admin"), world.dispatcher(), world.citizen());
        let report = || pb::GetOnTimeReportRequest { from: "2026-02-01".to_owned(), to: "2026-03-01".to_owned(), ..Default::default() };
        world.advance(minutes(1));
        let figures = call!(world.who("supervisor"), supervision.get_on_time_report, report()).unwrap().total;
        let steps = call!(dispatcher, casework.list_petition_events, pb::ListPetitionEventsRequest { code: code.clone(), page: None });
        let steps = steps.unwrap().events.len();
        for login in ["dispatcher", "supervisor", "operator", "cuc-vt-approver", "portal"] {
            assert_eq!(erases(&world.who(login), &code).await.unwrap_err().code(), Code::PermissionDenied, "{login}");
        }
        let open = citizen.submits(feedback_of("hoa")).await.code;
        let refused = erases(&admin, &open).await.unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "ERASE_NOT_POSSIBLE_IN_SUBMITTED".to_owned()));
        let erased = erases(&admin, &code).await.unwrap();
        assert_eq!(erases(&admin, &code).await.unwrap(), erased, "once for a request id");

        let seen = dispatcher.reads(&code).await.unwrap();
        let summary = seen.summary.clone().unwrap();
        assert_eq!((seen.petitioner, seen.erased_at.is_some(), summary.title.as_str()), (None, true, ""));
        assert_eq!([&seen.content, &seen.answer, &seen.draft, &seen.question].map(String::as_str), [""; 4]);
        assert_eq!((seen.publication_id.as_str(), summary.state()), (public.as_str(), pb::PetitionState::Answered));
        let listed = call!(dispatcher, casework.list_petition_events, pb::ListPetitionEventsRequest { code: code.clone(), page: None });
        let listed = listed.unwrap().events;
        assert_eq!((listed.len(), listed.last().unwrap().kind.as_str()), (steps + 1, "ERASED"));
        let texts = listed.iter().flat_map(|event| event.texts.iter().map(|text| (event.kind.as_str(), text.erased)));
        assert!(texts.into_iter().all(|(kind, erased)| erased == (kind != "ERASED")), "{listed:?}");
        let sought = pb::PetitionFilter { all_states: true, text: WHAT[1].to_owned(), ..Default::default() };
        let found = call!(dispatcher, casework.list_petitions, pb::ListPetitionsRequest { filter: Some(sought), ..Default::default() });
        assert_eq!(found.unwrap().petitions, []);
        let copy = call!(citizen, public.get_publication, pb::GetPublicationRequest { id: public.clone() }).unwrap();
        assert_eq!(copy.answer, "Nhà mạng đã mở rộng băng thông.");
        world.advance(minutes(1));
        let after = call!(world.who("supervisor"), supervision.get_on_time_report, report()).unwrap().total.unwrap();
        let before = figures.unwrap();
        assert_eq!(after.own.unwrap().received, before.own.unwrap().received + 1, "the one that came since");
        assert_eq!(after.own.unwrap().handled, before.own.unwrap().handled);

        // The petitioner comes back.
        let ask = |proof| pb::TrackPetitionRequest { code: code.clone(), proof };
        let by_code = call!(citizen, intake.track_petition, ask(None)).unwrap();
        assert_eq!(by_code.state(), pb::PetitionState::Answered);
        let by_key = citizen.tracks(&code).await.unwrap().details.unwrap();
        assert!(by_key.erased_at.is_some() && by_key.reopen_until.is_none());
        assert_eq!([&by_key.title, &by_key.content, &by_key.answer].map(String::as_str), [""; 3]);
        assert!(by_key.questions.iter().all(|question| question.text.is_empty() && question.reply.is_empty()));
        let proof = pb::Proof { portal_subject: WHO[5].to_owned(), ..Default::default() };
        let by_user = call!(citizen, intake.track_petition, ask(Some(proof))).unwrap_err();
        assert_eq!(by_user.code(), Code::NotFound, "the portal's user proves nothing any more");
        let own = pb::ListOwnPetitionsRequest { portal_subject: WHO[5].to_owned(), page: None };
        assert_eq!(call!(citizen, intake.list_own_petitions, own).unwrap().petitions, []);
        let again = call!(citizen, intake.submit_petition, submission()).unwrap_err();
        assert_eq!(again.reason(), "REQUEST_ID_REUSED", "sent again it is not taken in anew");

        // Nobody does anything with it any more.
        assert_eq!(citizen.tries(Deed::Reopen, &code).await.unwrap_err().reason(), "ERASED");
        assert_eq!(dispatcher.tries(Deed::SaveRedaction, &code).await.unwrap_err().reason(), "ERASED");
        assert_eq!(looks(&dispatcher, &code, "Xem lại người gửi").await.unwrap_err().reason(), "ERASED");
        let letters = pb::ListLettersRequest { code: code.clone(), ..Default::default() };
        assert_eq!(call!(world.who("operator"), delivery.list_letters, letters).unwrap().letters, []);
        // It closes by itself, and its public copy can still be taken off.
        world.advance(days(40));
        world.run_workers().await;
        assert_eq!(dispatcher.reads(&code).await.unwrap().summary.unwrap().state(), pb::PetitionState::Closed);
        dispatcher.does(Deed::TakeDown, &code).await;
        let verified = world.app.verify_offline(None).await.unwrap();
        assert_eq!((verified.erased, verified.broken), (1, None));
        let reveals = call!(world.who("supervisor"), supervision.list_reveals, pb::ListRevealsRequest::default()).unwrap().reveals;
        assert_eq!(reveals.iter().map(|look| look.reason.as_str()).collect::<Vec<_>>(), ["", ""], "that they looked stays");
    }

    /// A name is published by consent alone.
    async fn names_are_not_published_without_consent(world: World) {
        let consent = pb::Consent { purpose: "PUBLISH_NAME".to_owned(), text: "Tôi đồng ý công khai tên.".to_owned() };
        for (consents, told) in [(vec![], Err("NAMES_PETITIONER".to_owned())), (vec![consent], Ok(()))] {
            let code = world.citizen().submits(pb::SubmitPetitionRequest { consents, ..feedback() }).await.code;
            world.dispatcher().does(Deed::Accept, &code).await;
            world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
            let handler = world.who("cuc-vt-handler");
            handler.does(Deed::SaveDraft, &code).await;
            handler.does(Deed::SubmitDraft, &code).await;
            world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
            let revision = redacts(&world, &code, "Cục đã trả lời bà nguyễn thị LAN.").await;
            let publish = pb::PublishPetitionRequest { target: target(&code), revision };
            let became = call!(world.dispatcher(), publication.publish_petition, publish).map(drop);
            assert_eq!(became.map_err(|refused| refused.reason()), told);
        }
    }

    /// What is to be sent is not sent, and what waits to be published does not wait any more.
    async fn nothing_goes_out_after(world: World) {
        let code = world.answered().await;
        let before = world.letters().len();
        erases(&world.who("admin"), &code).await.unwrap();
        world.run_workers().await;
        let told: Vec<_> = world.letters().split_off(before).into_iter().filter(|letter| letter.text.contains(&code)).collect();
        assert!(told.is_empty(), "{told:?}");
        let summary = world.dispatcher().reads(&code).await.unwrap().summary.unwrap();
        assert_eq!(summary.publication(), pb::PublicationState::Withheld);
        let filter = Some(pb::PetitionFilter { unpublished: true, ..Default::default() });
        let waiting = call!(world.dispatcher(), casework.count_petitions, pb::CountPetitionsRequest { filter }).unwrap();
        assert_eq!(waiting.total, 0);
    }

    /// Looks and the erasure come at once: either the look is counted, or nobody is shown.
    async fn a_look_and_the_erasure_at_once(world: World) {
        let code = world.answered().await;
        let (dispatcher, admin) = (world.dispatcher(), world.who("admin"));
        let seen = futures::future::join_all((0..8).map(|_| looks(&dispatcher, &code, "Gọi điện hỏi thêm")));
        let (seen, erased) = futures::future::join(seen, erases(&admin, &code)).await;
        erased.unwrap();
        let shown = seen.iter().filter(|look| look.is_ok()).count();
        assert!(seen.iter().filter_map(|look| look.as_ref().err()).all(|refused| refused.reason() == "ERASED"));
        let kept = call!(world.who("supervisor"), supervision.list_reveals, pb::ListRevealsRequest::default()).unwrap().reveals;
        assert_eq!(kept.len(), shown);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Whoever erases behind the service's back is found out, and whoever puts something back.
    async fn erasing_needs_an_event(world: World) {
        let (code, _) = lived(&world).await;
        let this = format!("(select id from petition where code = '{code}')");
        for (table, key) in [("petitioner", "petition"), ("text", "id")] {
            let keep = format!("create table kept_{table} as select * from {table}");
            world.database().await.execute_unprepared(&keep).await.unwrap();
            let gone = format!("delete from {table} where petition = {this}");
            sql(&world, &if table == "text" { format!("{gone} and kind = 'NOTE'") } else { gone }).await;
            let (at, _, problem) = broken(&world).await;
            assert_eq!(at, code);
            assert!(problem.contains("gone"), "{problem}");
            let missing = format!("not in (select {key} from {table})");
            sql(&world, &format!("insert into {table} select * from kept_{table} where {key} {missing}")).await;
        }
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
        let look = "kind = 'REASON' and body = 'lydoxemchimyen'";
        sql(&world, &format!("delete from text where {look}")).await;
        assert!(broken(&world).await.2.ends_with("its reason is gone"));
        sql(&world, &format!("insert into text select * from kept_text where {look}")).await;

        let seq = erases(&world.who("admin"), &code).await.unwrap().seq;
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
        sql(&world, &format!("insert into text select * from kept_text where petition = {this} and kind = 'NOTE'")).await;
        assert_eq!(broken(&world).await, (code.clone(), seq, "a text that it says was erased is there".to_owned()));
        sql(&world, "delete from text where kind = 'NOTE'").await;
        sql(&world, &format!("update petitioner set masked_name = 'C. M.' where petition = {this}")).await;
        assert_eq!(broken(&world).await.1, seq);
        sql(&world, &format!("update petitioner set masked_name = '' where petition = {this}")).await;
        // The last look is taken out, and the row put back to the one before it.
        sql(&world, "delete from reveal where seq = 2").await;
        sql(&world, &format!("update petitioner set reveals = 1, head = (select hash from reveal where seq = 1) where petition = {this}")).await;
        assert_eq!(broken(&world).await, (code.clone(), seq, "the looks at the petitioner do not end where it says".to_owned()));
        sql(&world, &format!("delete from petitioner where petition = {this}")).await;
        assert_eq!(broken(&world).await.2, "the petitioner's record is gone");
    }

    /// From the terminal; and on the server's host the trail says how many.
    async fn erasing_is_typed(world: World) {
        let code = world.answered().await;
        let admin = Terminal::of(&world.who("admin"));
        let done = admin.asks(&["petition", "erase", &code, "--ground", "retention_ended", "--document", DOCUMENT]).await;
        assert_eq!(done["outcome"]["state"], "ANSWERED");
        let told = Terminal::on_host(&world).gets(&["audit", "verify"]).await;
        assert!(told.ends_with("; 1 erased\n"), "{told}");
    }
}
