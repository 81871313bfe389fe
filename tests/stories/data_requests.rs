//! What data subjects ask about the personal data of a petition: a petition of its own, with a law and a clock of its own.

mod accused;
mod apart;
mod walls;

use futures::future::join_all;
use pakn::pb::{self, Clock, DataRight, PetitionKind, WatchLevel as L};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    time::{clock, due, explained},
    watch::raised,
    world::{Deed, Person, Refused as _, World, days, feedback, minutes},
};

const TEXT: &str = "Tôi đề nghị xóa họ tên và số điện thoại của tôi khỏi hồ sơ.";

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..Default::default() })
}

pub fn deletion(code: &str) -> pb::SubmitDataRequestRequest {
    let (code, right, text) = (code.to_owned(), DataRight::Deletion.into(), TEXT.to_owned());
    pb::SubmitDataRequestRequest { code, right, text, ..Default::default() }
}

fn by_phone(code: &str) -> pb::SubmitDataRequestRequest {
    pb::SubmitDataRequestRequest { channel: pb::Channel::Hotline.into(), ..deletion(code) }
}

/// A petition and a request about it: both codes.
pub async fn requested(world: &World) -> (String, String) {
    let about = world.citizen().submits(feedback()).await.code;
    let code = world.citizen().asks_about_data(deletion(&about)).await.unwrap().code;
    (about, code)
}

pub async fn accepts(who: &Person<'_>, code: &str) -> Result<pb::Outcome, Status> {
    let accept = pb::AcceptPetitionRequest { target: target(code), ..Default::default() };
    Ok(call!(who, casework.accept_petition, accept)?.outcome.unwrap())
}

async fn extends(who: &Person<'_>, code: &str, days: i32) -> Result<pb::Outcome, Status> {
    let reason = "Phải hỏi đơn vị lưu trữ.".to_owned();
    Ok(call!(who, casework.extend_deadline, pb::ExtendDeadlineRequest { target: target(code), days, reason })?
        .outcome
        .unwrap())
}

/// Has it answered by the inspectorate.
pub async fn answers(world: &World, code: &str) {
    accepts(&world.dispatcher(), code).await.unwrap();
    world.dispatcher().does(Deed::Assign("BTTTT-TTRA"), code).await;
    let handler = world.who("thanh-tra-handler");
    handler.does(Deed::SaveDraft, code).await;
    handler.does(Deed::SubmitDraft, code).await;
    world.who("thanh-tra-approver").does(Deed::Approve, code).await;
}

pub async fn listed(who: &Person<'_>, filter: pb::PetitionFilter) -> Vec<String> {
    let filter = Some(pb::PetitionFilter { all_states: true, ..filter });
    let ask = pb::ListPetitionsRequest { filter, ..Default::default() };
    let found = call!(who, casework.list_petitions, ask).unwrap().petitions;
    found.into_iter().map(|one| one.code).collect()
}

pub fn about(code: &str) -> pb::PetitionFilter {
    pb::PetitionFilter { about: code.to_owned(), ..Default::default() }
}

fn of_kind(kind: PetitionKind) -> pb::PetitionFilter {
    pb::PetitionFilter { kind: kind.into(), ..Default::default() }
}

async fn report(world: &World, data_requests: bool) -> pb::GetOnTimeReportResponse {
    let [from, to] = ["2026-02-01", "2026-04-01"].map(str::to_owned);
    let ask = pb::GetOnTimeReportRequest { from, to, data_requests, ..Default::default() };
    call!(world.who("supervisor"), supervision.get_on_time_report, ask).unwrap()
}

/// The codes that a cell of the total counts.
async fn opened(world: &World, data_requests: bool, column: &str) -> Vec<String> {
    let [from, to] = ["2026-02-01", "2026-04-01"].map(str::to_owned);
    let column = column.to_owned();
    let ask = pb::ListPetitionsInReportRequest { from, to, column, data_requests, ..Default::default() };
    let cell = call!(world.who("supervisor"), supervision.list_petitions_in_report, ask).unwrap();
    let codes: Vec<String> = cell.rounds.into_iter().map(|round| round.petition.unwrap().code).collect();
    assert_eq!(i64::try_from(codes.len()).unwrap(), cell.total);
    codes
}

on_both! {
    /// Its own code, key and dues; the petitioner, language and office of the one that it is about, never shown anew.
    async fn a_portal_asks_with_the_key(world: World) {
        let (citizen, office) = (world.citizen(), world.dispatcher());
        let about_code = citizen.submits(pb::SubmitPetitionRequest { portal_subject: "user-9".to_owned(), ..feedback() }).await.code;
        let asked = citizen.asks_about_data(deletion(&about_code)).await.unwrap();
        assert_ne!(asked.code, about_code);
        // Two working days after Tết, and fifteen days: a Saturday, so the Monday after it.
        let dues = [asked.intake_due.as_ref(), asked.answer_due.as_ref()].map(|due| due.unwrap().date.as_str());
        assert_eq!(dues, ["2026-02-24", "2026-03-02"]);
        let wanted = Some(pb::DataRequest { about: about_code.clone(), right: DataRight::Deletion.into() });
        let own = citizen.tracks(&asked.code).await.unwrap().details.unwrap();
        assert_eq!((own.data_request.as_ref(), own.content.as_str(), own.title.as_str()), (wanted.as_ref(), TEXT, "Yêu cầu xóa dữ liệu cá nhân"));
        assert_eq!(citizen.tracks(&about_code).await.unwrap().details.unwrap().data_request, None);
        let ask = pb::ListOwnPetitionsRequest { portal_subject: "user-9".to_owned(), page: None };
        let mine = call!(citizen, intake.list_own_petitions, ask).unwrap().petitions;
        assert_eq!(mine.iter().map(|one| one.data_request.is_some()).collect::<Vec<_>>(), [true, false]);

        let [seen, original] = [office.reads(&asked.code).await.unwrap(), office.reads(&about_code).await.unwrap()];
        assert_eq!(seen.petitioner, original.petitioner);
        assert_eq!((seen.focal_unit, seen.entered_by), (original.focal_unit, "portal".to_owned()));
        let summary = seen.summary.unwrap();
        assert_eq!((summary.kind(), summary.data_request, summary.subject_class), (PetitionKind::DataRequest, wanted, 0));
        assert_eq!(listed(&office, about(&about_code)).await, std::slice::from_ref(&asked.code));
        assert_eq!(listed(&office, of_kind(PetitionKind::DataRequest)).await, std::slice::from_ref(&asked.code));
        assert_eq!(listed(&office, of_kind(PetitionKind::Feedback)).await, std::slice::from_ref(&about_code));
        assert_eq!(listed(&office, about(&asked.code)).await, [] as [String; 0]);
        let events = |code: &str| pb::ListPetitionEventsRequest { code: code.to_owned(), page: None };
        let first = call!(office, casework.list_petition_events, events(&asked.code)).unwrap().events;
        assert_eq!((first.len(), first[0].actor.as_str(), first[0].through.as_str()), (1, "petitioner", "portal"));
        let kinds = call!(office, casework.list_petition_events, events(&about_code)).unwrap().events;
        assert_eq!(kinds.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["SUBMITTED", "DATA_REQUESTED"]);
        let look = pb::RevealPetitionerRequest { code: asked.code.clone(), reason: "Gọi hỏi thêm.".to_owned(), ..Default::default() };
        let revealed = call!(office, casework.reveal_petitioner, look).unwrap().petitioner.unwrap();
        assert_eq!(Some(revealed), feedback().petitioner.map(|known| pb::Petitioner { signatories: 1, ..known }));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Taken up without class or field, explained by the law that it rests on, extended once, answered by letter.
    async fn it_lives_by_its_own_law(world: World) {
        let (_, code) = requested(&world).await;
        let (office, head) = (world.dispatcher(), world.who("office-head"));
        let wrong = pb::AcceptPetitionRequest {
            target: target(&code),
            kind: PetitionKind::Feedback.into(),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-VT".to_owned(),
            ..Default::default()
        };
        let mut fields = call!(office, casework.accept_petition, wrong).unwrap_err().fields();
        fields.sort();
        assert_eq!(fields, ["concerned_unit", "field", "kind", "subject_class"]);
        let urgent = pb::AcceptPetitionRequest {
            target: target(&code),
            priority: pb::Priority::Urgent.into(),
            priority_reason: "Dữ liệu đang bị phát tán.".to_owned(),
            ..Default::default()
        };
        let accepted = call!(office, casework.accept_petition, urgent).unwrap().outcome.unwrap();
        assert_eq!((accepted.state(), accepted.register_number.as_str()), (pb::PetitionState::Accepted, "1/2026/BTTTT-VP"));
        let seen = office.reads(&code).await.unwrap().summary.unwrap();
        assert_eq!((seen.holder.as_str(), seen.routing), ("BTTTT-VP", 0), "no rule was asked");

        let all = explained(&office, &code).await;
        let answer = clock(&all, Clock::Answer).explanation.unwrap();
        assert_eq!((answer.policy.as_str(), due(&all, Clock::Answer).as_str()), ("data-1", "2026-03-02"), "urgent or not");
        for law in ["Luật 91/2025/QH15", "Nghị định 356/2025/NĐ-CP"] {
            assert!(answer.basis.contains(law), "{}", answer.basis);
        }
        let span = answer.spans[0].span.unwrap();
        assert_eq!((span.amount, span.unit()), (15, pb::TimeUnit::CalendarDay));

        office.does(Deed::Assign("BTTTT-TTRA"), &code).await;
        assert_eq!(extends(&head, &code, 16).await.unwrap_err().fields(), ["days"]);
        assert_eq!(extends(&head, &code, 15).await.unwrap().answer_due.unwrap().date, "2026-03-17");
        assert_eq!(extends(&head, &code, 1).await.unwrap_err().reason(), "EXTENSION_LIMIT");

        let handler = world.who("thanh-tra-handler");
        handler.does(Deed::SaveDraft, &code).await;
        handler.does(Deed::SubmitDraft, &code).await;
        world.who("thanh-tra-approver").does(Deed::Approve, &code).await;
        world.run_workers().await;
        let letters: Vec<_> = world.letters().into_iter().filter(|letter| letter.text.contains(&code)).collect();
        let subjects: Vec<&str> = letters.iter().filter_map(|letter| letter.subject.split_once("] ")).map(|(_, said)| said).collect();
        assert_eq!(subjects, [
            "Đã nhận yêu cầu về dữ liệu cá nhân",
            "Đã tiếp nhận yêu cầu về dữ liệu cá nhân",
            "Giao xử lý yêu cầu về dữ liệu cá nhân",
            "Gia hạn thời gian trả lời",
            "Trả lời yêu cầu về dữ liệu cá nhân",
        ]);
        for letter in &letters {
            for form in [&letter.text, &letter.html] {
                assert!(form.contains("êu cầu về dữ liệu cá nhân"), "{form}");
                assert!(!form.to_lowercase().contains("phản ánh, kiến nghị"), "{form}");
            }
        }
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// It is nobody else's: not published, not shared, and nobody waits for that.
    async fn it_is_never_public(world: World) {
        let (_, code) = requested(&world).await;
        answers(&world, &code).await;
        let office = world.dispatcher();
        let told = (Code::FailedPrecondition, "DATA_REQUEST".to_owned());
        assert_eq!(office.tries(Deed::SaveRedaction, &code).await.unwrap_err().told(), told);
        assert_eq!(office.tries(Deed::Publish(1), &code).await.unwrap_err().told(), told);
        let seen = office.reads(&code).await.unwrap().summary.unwrap();
        assert_eq!(seen.publication(), pb::PublicationState::Withheld);
        let waiting = pb::PetitionFilter { unpublished: true, ..Default::default() };
        let count = pb::CountPetitionsRequest { filter: Some(waiting) };
        assert_eq!(call!(office, casework.count_petitions, count).unwrap().total, 0);
        let search = pb::SearchPublicationsRequest { text: String::new(), ..Default::default() };
        assert_eq!(call!(world.citizen(), public.search_publications, search).unwrap().publications, []);
        world.advance(days(12));
        world.run_workers().await;
        assert!(!raised(&world, &code).await.contains(&L::Unpublished));
        // Recalled and answered again, it is no more public than before.
        let (_, again) = requested(&world).await;
        answers(&world, &again).await;
        office.does(Deed::RecallAnswer, &again).await;
        let handler = world.who("thanh-tra-handler");
        handler.does(Deed::SubmitDraft, &again).await;
        world.who("thanh-tra-approver").does(Deed::Approve, &again).await;
        assert_eq!(office.reads(&again).await.unwrap().summary.unwrap().publication(), pb::PublicationState::Withheld);
    }

    /// What the law asks of petitions is counted of petitions; requests have the same report, if it is asked for.
    async fn figures_tell_them_apart(world: World) {
        let (_, code) = requested(&world).await;
        let (petition, open) = requested(&world).await;
        answers(&world, &code).await;
        world.advance(days(20));
        let [petitions, requests] = [report(&world, false).await, report(&world, true).await];
        assert!(requests.data_requests && !petitions.data_requests);
        let total = |report: &pb::GetOnTimeReportResponse| report.total.clone().unwrap().own.unwrap();
        let (counted, own) = (total(&petitions), total(&requests));
        assert_eq!((counted.received, counted.pending, counted.handled, counted.overdue), (2, 2, 0, 0));
        assert_eq!((own.received, own.unclassified, own.handled, own.early, own.overdue), (2, 2, 1, 1, 1));
        assert_eq!((own.rate_numerator, own.rate_denominator), (1, 2));
        let inspectorate = requests.rows.iter().find(|row| row.unit == "BTTTT-TTRA").unwrap();
        assert_eq!(inspectorate.own.unwrap().handled, 1);
        assert_eq!(opened(&world, true, "handled").await, std::slice::from_ref(&code));
        assert_eq!(opened(&world, true, "overdue").await, std::slice::from_ref(&open));
        assert_eq!(opened(&world, true, "received").await, [code, open]);
        let received = opened(&world, false, "received").await;
        assert!(received.len() == 2 && received.contains(&petition), "{received:?}");
        assert_eq!(opened(&world, false, "handled").await, [] as [String; 0]);
    }

    /// Late to be taken up, late to be answered: raised as for any petition.
    async fn the_watcher_raises_what_is_late(world: World) {
        let (_, code) = requested(&world).await;
        world.when("2026-02-24 23:59:59.999999");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, []);
        world.when("2026-02-25 00:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::Unaccepted]);
        world.when("2026-03-03 00:00");
        world.run_workers().await;
        let now = raised(&world, &code).await;
        assert!(now.contains(&L::Overdue) && now.contains(&L::Due), "{now:?}");
    }

    /// Who may not ask, and of what there is nothing to ask.
    async fn refusals_are_clear(world: World) {
        let (citizen, clerk) = (world.citizen(), world.who("clerk"));
        let code = citizen.submits(feedback()).await.code;
        let proof = |access_key: &str| Some(pb::Proof { access_key: access_key.to_owned(), ..Default::default() });
        let wrong = pb::SubmitDataRequestRequest { proof: proof("0000000000000000"), ..deletion(&code) };
        assert_eq!(citizen.asks_about_data(wrong).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(citizen.asks_about_data(deletion("PAKN.20260213.00000000")).await.unwrap_err().fields(), ["proof"]);
        assert_eq!(world.who("portal").asks_about_data(deletion(&code)).await.unwrap_err().fields(), ["proof"]);
        for login in ["dispatcher", "supervisor", "cuc-vt-handler"] {
            let refused = world.who(login).asks_about_data(by_phone(&code)).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{login}");
        }
        assert_eq!(citizen.asks_about_data(by_phone(&code)).await.unwrap_err().fields(), ["channel"]);
        assert_eq!(clerk.asks_about_data(deletion(&code)).await.unwrap_err().fields(), ["channel"]);
        let none = pb::SubmitDataRequestRequest { right: 0, text: String::new(), ..by_phone(&code) };
        assert_eq!(clerk.asks_about_data(none).await.unwrap_err().fields(), ["right", "text"]);
        let early = pb::SubmitDataRequestRequest { received_at: Some(crate::world::at("2026-02-13 09:00")), ..by_phone(&code) };
        assert_eq!(clerk.asks_about_data(early).await.unwrap_err().fields(), ["received_at"], "before the petition itself");
        let late = pb::SubmitDataRequestRequest { received_at: Some(crate::world::at("2026-02-14 09:00")), ..by_phone(&code) };
        assert_eq!(clerk.asks_about_data(late).await.unwrap_err().fields(), ["received_at"]);

        // Nothing else becomes one, and none is about another.
        let submit = pb::SubmitPetitionRequest { kind: PetitionKind::DataRequest.into(), ..feedback() };
        assert_eq!(citizen.tries_to_submit(submit).await.unwrap_err().fields(), ["kind"]);
        let become_one = pb::AcceptPetitionRequest {
            target: target(&code),
            kind: PetitionKind::DataRequest.into(),
            subject_class: pb::SubjectClass::Other.into(),
            field: "TELECOM".to_owned(),
            ..Default::default()
        };
        assert_eq!(call!(world.dispatcher(), casework.accept_petition, become_one).unwrap_err().fields(), ["kind"]);
        world.advance(minutes(10));
        let received_at = Some(crate::world::at("2026-02-13 09:20"));
        let by_clerk = pb::SubmitDataRequestRequest { received_at, ..by_phone(&code) };
        let request = clerk.asks_about_data(by_clerk).await.unwrap();
        assert_eq!(request.received_at, received_at);
        let seen = world.dispatcher().reads(&request.code).await.unwrap();
        assert!(seen.assisted && seen.entered_by == "clerk");
        assert_eq!(citizen.asks_about_data(deletion(&request.code)).await.unwrap_err().reason(), "ABOUT_DATA_REQUEST");
        accepts(&world.dispatcher(), &request.code).await.unwrap();
        let otherwise = world.dispatcher().tries(Deed::Reclassify, &request.code).await.unwrap_err();
        assert_eq!(otherwise.fields(), ["subject_class"]);

        // Nobody who is known, or nobody any more.
        let sql = format!("delete from petitioner where petition = (select id from petition where code = '{code}')");
        sea_orm::ConnectionTrait::execute_unprepared(&world.database().await, &sql).await.unwrap();
        assert_eq!(citizen.asks_about_data(deletion(&code)).await.unwrap_err().told(), (Code::FailedPrecondition, "NO_DATA_SUBJECT".to_owned()));
        let erased = world.answered().await;
        let (ground, document_number) = (pb::ErasureGround::Request.into(), "12/YC".to_owned());
        let erase = pb::ErasePetitionRequest { target: target(&erased), ground, document_number };
        call!(world.who("admin"), casework.erase_petition, erase).unwrap();
        assert_eq!(citizen.asks_about_data(deletion(&erased)).await.unwrap_err().reason(), "ERASED");
    }

    /// Five may be open, however many come at once; sent again, one is what it was.
    async fn so_many_and_each_once(world: World) {
        let citizen = world.citizen();
        let code = citizen.submits(feedback()).await.code;
        let once = pb::SubmitDataRequestRequest { request_id: "0193e2c4-8f00-7000-8000-00000000000e".to_owned(), ..deletion(&code) };
        let first = citizen.asks_about_data(once.clone()).await.unwrap();
        assert_eq!(citizen.asks_about_data(once.clone()).await.unwrap(), first, "the same code and key");
        let other = pb::SubmitDataRequestRequest { right: DataRight::Access.into(), ..once.clone() };
        assert_eq!(citizen.asks_about_data(other).await.unwrap_err().told(), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        assert_eq!(listed(&world.dispatcher(), about(&code)).await.len(), 1);
        let many = join_all((0..9).map(|_| citizen.asks_about_data(deletion(&code)))).await;
        let refused: Vec<String> = many.iter().filter_map(|one| one.as_ref().err()).map(|refused| refused.reason()).collect();
        assert_eq!(refused, ["TOO_MANY_DATA_REQUESTS"; 5]);
        assert_eq!(citizen.asks_about_data(once).await.unwrap(), first, "though there are too many by now");
        citizen.does(Deed::Withdraw, &first.code).await;
        citizen.asks_about_data(deletion(&code)).await.unwrap();
        assert_eq!(citizen.asks_about_data(deletion(&code)).await.unwrap_err().reason(), "TOO_MANY_DATA_REQUESTS");
        assert_eq!(listed(&world.dispatcher(), about(&code)).await.len(), 6);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// From a terminal: with the key, and as a clerk.
    async fn it_is_typed(world: World) {
        let submitted = world.citizen().submits(feedback()).await;
        let [portal, clerk, office, supervisor] = ["portal", "clerk", "dispatcher", "supervisor"].map(|login| Terminal::of(&world.who(login)));
        let about = submitted.code.as_str();
        let asked = portal.asks(&["petition", "data-request", about, "--key", &submitted.access_key, "--right", "access", "--text", TEXT]).await;
        let code = asked["code"].as_str().unwrap();
        let line = ["petition", "data-request", about, "--right", "deletion", "--text", TEXT];
        let by_clerk = clerk.asks(&[&line[..], &["--channel", "in_person"]].concat()).await;
        assert!(by_clerk["access_key"].as_str().unwrap().len() == 16);
        let shown = office.asks(&["petition", "show", code]).await;
        let summary = &shown["petition"]["summary"];
        assert_eq!((&summary["kind"], &summary["data_request"]["about"]), (&"DATA_REQUEST".into(), &about.into()));
        assert_eq!(summary["data_request"]["right"], "ACCESS");
        let found = office.asks(&["petition", "list", "--kind", "data_request"]).await;
        assert_eq!(found["petitions"].as_array().unwrap().len(), 2);
        let found = office.asks(&["petition", "list", "--about", about]).await;
        assert_eq!(found["petitions"].as_array().unwrap().len(), 2);
        world.advance(minutes(1));
        let period = ["--from", "2026-02-01", "--to", "2026-03-01"];
        let counted = supervisor.asks(&[&["report", "on-time", "--data-requests"][..], &period].concat()).await;
        assert_eq!(counted["total"]["received"], 2, "{counted}");
        let cell = supervisor.asks(&[&["report", "petitions", "--data-requests", "--column", "received"][..], &period].concat()).await;
        assert_eq!(cell["rounds"].as_array().unwrap().len(), 2);
    }
}
