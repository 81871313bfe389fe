//! The trail: whole as long as nobody rewrites it, and each way of rewriting it is named.

use pakn::{domain::time::Instant, pb};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, World, minutes},
};

async fn verify(world: &World, code: &str) -> pb::VerifyAuditResponse {
    let ask = pb::VerifyAuditRequest { code: code.to_owned() };
    call!(world.who("supervisor"), supervision.verify_audit, ask).unwrap()
}

/// Three petitions, the second answered, with a rest that stays whole.
async fn three(world: &World) -> [String; 3] {
    let first = world.assigned("CUC-BC").await;
    world.advance(minutes(1));
    let second = world.answered().await;
    world.citizen().does(Deed::Rate, &second).await;
    let third = world.assigned("CUC-TS").await;
    let whole = verify(world, "").await;
    assert_eq!((whole.petitions, &whole.broken), (3, &None));
    // Submitted, accepted, assigned of three; draft, draft submitted, answered, rated of one; the directory besides.
    assert!(whole.events > 13, "{whole:?}");
    [first, second, third]
}

/// Rewrites behind the service's back.
async fn rewrite(database: &DatabaseConnection, sql: &str, code: &str) {
    let sql = sql.replace("THIS", &format!("(select id from petition where code = '{code}')"));
    let done = database.execute_unprepared(&sql).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
}

/// What is rewritten, by whom it is found out, and how it is called.
async fn found_out(world: World, sql: &str, seq: i64, problem: &str) {
    let [first, second, third] = three(&world).await;
    let database = world.database().await;
    rewrite(&database, sql, &second).await;
    for asked in ["", &second] {
        let broken = verify(&world, asked).await.broken.expect(sql);
        assert_eq!((broken.code.as_str(), broken.seq, broken.problem.as_str()), (second.as_str(), seq, problem));
    }
    for whole in [first, third] {
        assert_eq!(verify(&world, &whole).await.broken, None, "the others are whole");
    }
    let offline = world.app.verify_offline(None).await.unwrap().broken.unwrap();
    assert_eq!((offline.code, offline.seq), (second, seq));
}

const HASH: &str = "its hash is not that of its stored bytes after the event before";
const ROW: &str = "the petition's row is not what its events give";
const TEXT: &str = "a text that it names has been changed";
const COLUMNS: &str = "its columns do not say what its stored form says";

on_both! {
    async fn a_stored_event_is_changed(world: World) {
        found_out(world, "update event set stored = replace(stored, 'ACCEPTED', 'ASSIGNED') where seq = 2 and petition = THIS", 2, HASH).await;
    }

    async fn a_space_is_put_into_an_event(world: World) {
        found_out(world, "update event set stored = stored || ' ' where seq = 6 and petition = THIS", 6, HASH).await;
    }

    async fn the_last_event_is_deleted(world: World) {
        found_out(world, "delete from event where seq = 7 and petition = THIS", 7, "is missing at the end").await;
    }

    async fn a_middle_event_is_deleted(world: World) {
        found_out(world, "delete from event where seq = 4 and petition = THIS", 4, "is missing").await;
    }

    async fn all_events_are_deleted(world: World) {
        found_out(world, "delete from event where petition = THIS", 1, "is missing").await;
    }

    async fn a_column_of_an_event_is_changed(world: World) {
        found_out(world, "update event set kind = 'NOTE_ADDED' where seq = 3 and petition = THIS", 3, COLUMNS).await;
    }

    async fn an_event_is_given_to_somebody_else(world: World) {
        let other = "update event set actor = (select id from account where login = 'admin') where seq = 6 and petition = THIS";
        found_out(world, other, 6, COLUMNS).await;
    }

    async fn the_verdict_in_the_row_is_changed(world: World) {
        found_out(world, "update petition set detail = replace(detail, '\"verdict\":\"EARLY\"', '\"verdict\":\"ON_TIME\"') where id = THIS", 7, ROW).await;
    }

    async fn the_due_in_the_row_is_changed(world: World) {
        found_out(world, "update petition set answer_due_at = ended_at where id = THIS", 7, ROW).await;
    }

    async fn the_number_of_the_row_is_set_back(world: World) {
        // The last event is hidden, and the row says that there never was one.
        found_out(world, "update petition set seq = 6 where id = THIS", 6, ROW).await;
    }

    async fn the_content_is_changed(world: World) {
        found_out(world, "update text set body = replace(body, 'HN', 'SG') || ' ' where kind = 'SUBMISSION' and petition = THIS", 1, TEXT).await;
    }

    async fn the_answer_is_changed(world: World) {
        found_out(world, "update text set body = 'Không có cơ sở.' where kind = 'DRAFT' and petition = THIS", 4, TEXT).await;
    }

    async fn a_title_is_changed(world: World) {
        found_out(world, "update text set title = 'Việc khác' where kind = 'SUBMISSION' and petition = THIS", 1, TEXT).await;
    }

    /// Two texts change places.
    async fn texts_are_swapped(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
        world.who("cuc-vt-handler").does(Deed::AddNote, &code).await;
        let database = world.database().await;
        let swap = "update text set body = (select other.body from text other where other.petition = text.petition \
                    and other.kind = case text.kind when 'DRAFT' then 'NOTE' else 'DRAFT' end) \
                    where kind in ('DRAFT', 'NOTE') and petition = THIS";
        rewrite(&database, swap, &code).await;
        let broken = verify(&world, &code).await.broken.unwrap();
        assert_eq!((broken.seq, broken.problem.as_str()), (4, TEXT));
    }

    /// A petition vanishes, row and all: its events tell.
    async fn a_petition_is_deleted(world: World) {
        let [_, second, _] = three(&world).await;
        let database = world.database().await;
        rewrite(&database, "delete from petition where id = THIS", &second).await;
        let broken = verify(&world, "").await.broken.unwrap();
        assert_eq!((broken.seq, broken.problem.as_str()), (1, "belongs to a petition that is gone"));
    }

    async fn the_directory_is_rewritten(world: World) {
        three(&world).await;
        let database = world.database().await;
        let whole = verify(&world, "").await.events;
        rewrite(&database, "update directory_event set stored = replace(stored, 'DISPATCHER', 'SUPERVISOR') where kind = 'GRANT_CREATED' and stored like '%DISPATCHER%'", "").await;
        let broken = verify(&world, "").await.broken.unwrap();
        assert_eq!((broken.code.as_str(), broken.problem.as_str()), ("directory", HASH));
        assert!(broken.seq > 1 && broken.seq < whole);
    }

    /// Who may look: supervisors, and over the whole tree for all of it.
    async fn only_supervisors_look(world: World) {
        let [_, second, _] = three(&world).await;
        world.add_account("local", "CUC-BC", &[pakn::domain::words::Role::Supervisor]).await;
        let ask = |code: &str| pb::VerifyAuditRequest { code: code.to_owned() };
        for (login, code, told) in [
            ("dispatcher", "", Code::PermissionDenied),
            ("dispatcher", second.as_str(), Code::PermissionDenied),
            ("local", "", Code::PermissionDenied),
            ("local", second.as_str(), Code::NotFound),
        ] {
            let refused = call!(world.who(login), supervision.verify_audit, ask(code)).unwrap_err();
            assert_eq!(refused.code(), told, "{login} {code:?}");
        }
    }

    /// The trail shows every step, newest first, and never a text.
    async fn the_trail_shows_every_step(world: World) {
        let [_, second, _] = three(&world).await;
        let ask = pb::ListPetitionEventsRequest { code: second.clone(), page: None };
        let events = call!(world.dispatcher(), casework.list_petition_events, ask).unwrap().events;
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["SUBMITTED", "ACCEPTED", "ASSIGNED", "DRAFT_SAVED", "DRAFT_SUBMITTED", "ANSWERED", "RATED"]);
        let actors: Vec<&str> = events.iter().map(|event| event.actor.as_str()).collect();
        let vt = "cuc-vt-handler";
        assert_eq!(actors, ["portal", "dispatcher", "dispatcher", vt, vt, "cuc-vt-approver", "petitioner"]);
        let ask = pb::ListAuditEventsRequest { actor: vt.to_owned(), ..pb::ListAuditEventsRequest::default() };
        let trail = call!(world.who("supervisor"), supervision.list_audit_events, ask).unwrap().events;
        let kinds: Vec<&str> = trail.iter().map(|step| step.event.as_ref().unwrap().kind.as_str()).collect();
        assert_eq!(kinds, ["DRAFT_SUBMITTED", "DRAFT_SAVED"]);
        for step in events.iter().chain(trail.iter().filter_map(|step| step.event.as_ref())) {
            for hidden in ["Lan", "Nguyễn", "lan@example.vn", "băng thông"] {
                assert!(!step.facts_json.contains(hidden), "{}", step.facts_json);
            }
        }
    }
    /// The trail by kind, from an instant on, and before one; alone and together, of petitions and of the directory.
    async fn the_trail_is_narrowed(world: World) {
        let begun = world.now();
        let [first, second, third] = three(&world).await;
        let at = |instant: Instant| Some(prost_types::Timestamp {
            seconds: instant.timestamp(),
            nanos: instant.timestamp_subsec_nanos().try_into().unwrap(),
        });
        let later = at(begun + minutes(1));
        let ask = pb::ListAuditEventsRequest::default;
        let steps = async |ask| {
            let trail = call!(world.who("supervisor"), supervision.list_audit_events, ask).unwrap();
            assert_eq!(trail.page.unwrap().next_token, "");
            let step = |step: pb::AuditEvent| (step.code, step.event.unwrap().kind);
            trail.events.into_iter().map(step).collect::<Vec<_>>()
        };
        let all = steps(ask()).await;
        assert_eq!(all.len(), 13);
        let kind = |kind: &str| kind.to_owned();
        let submitted = steps(pb::ListAuditEventsRequest { kind: kind("SUBMITTED"), ..ask() }).await;
        let mut codes: Vec<_> = submitted.iter().map(|(code, kind)| (code.clone(), kind.as_str())).collect();
        codes.sort();
        let mut wanted = [(first.clone(), "SUBMITTED"), (second.clone(), "SUBMITTED"), (third.clone(), "SUBMITTED")];
        wanted.sort();
        assert_eq!(codes, wanted);
        assert_eq!(steps(pb::ListAuditEventsRequest { kind: kind("NOTHING"), ..ask() }).await, []);
        // At the instant itself counts as from, not as until.
        let since = steps(pb::ListAuditEventsRequest { from: later, ..ask() }).await;
        assert!(since.len() == 10 && since.iter().all(|(code, _)| *code != first), "{since:?}");
        let before = steps(pb::ListAuditEventsRequest { until: later, ..ask() }).await;
        assert!(before.len() == 3 && before.iter().all(|(code, _)| *code == first), "{before:?}");
        let both = pb::ListAuditEventsRequest { from: at(begun), until: later, kind: kind("ACCEPTED"), ..ask() };
        assert_eq!(steps(both).await, [(first, kind("ACCEPTED"))]);
        let nothing = pb::ListAuditEventsRequest { from: later, until: later, ..ask() };
        assert_eq!(steps(nothing).await, []);
        // The directory likewise.
        world.advance(minutes(1));
        world.add_account("late", "CUC-BC", &[]).await;
        let directory = || pb::ListAuditEventsRequest { directory: true, from: at(world.now()), ..ask() };
        let kinds = steps(directory()).await.into_iter().map(|(_, kind)| kind).collect::<Vec<_>>();
        assert!(kinds.len() >= 2 && kinds.iter().any(|kind| kind.contains("ACCOUNT")), "{kinds:?}");
        let account = kinds.iter().find(|kind| kind.contains("ACCOUNT")).unwrap().clone();
        let one = steps(pb::ListAuditEventsRequest { kind: account, ..directory() }).await;
        assert_eq!(one.len(), 1);
        assert_eq!(steps(pb::ListAuditEventsRequest { until: at(world.now()), ..directory() }).await, []);
    }
}
