//! Looking at who brought a petition: for those who must speak to them, on record, and told where it is too often.

use pakn::{domain::words::Role, pb, workers::life};
use sea_orm::ConnectionTrait as _;
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, Person, Refused as _, World, days, feedback, feedback_of, minutes},
};

const ID: &str = "0193e2c4-8f00-7000-8000-00000000000a";
const WHY: &str = "Gọi điện hỏi thêm về số thuê bao";

async fn looks(who: &Person<'_>, code: &str, request_id: &str) -> Result<pb::Petitioner, Status> {
    let (code, request_id) = (code.to_owned(), request_id.to_owned());
    let ask = pb::RevealPetitionerRequest { code, reason: WHY.to_owned(), request_id };
    Ok(call!(who, casework.reveal_petitioner, ask)?.petitioner.unwrap())
}

async fn kept(world: &World) -> Vec<pb::Reveal> {
    call!(world.who("supervisor"), supervision.list_reveals, pb::ListRevealsRequest::default()).unwrap().reveals
}

async fn sql(world: &World, sql: &str) {
    world.database().await.execute_unprepared(sql).await.unwrap();
}

on_both! {
    /// Whoever must speak to the petitioner looks, and says why; nothing else of the petition moves.
    async fn a_look_is_on_record(world: World) {
        let code = world.assigned("CUC-VT").await;
        let before = world.dispatcher().reads(&code).await.unwrap();
        for (n, login) in ["dispatcher", "cuc-vt-handler", "cuc-vt-approver"].into_iter().enumerate() {
            let seen = looks(&world.who(login), &code, "").await.unwrap();
            assert_eq!(Some(seen), feedback().petitioner.map(|given| pb::Petitioner { signatories: 1, ..given }), "{login}");
            let last = &kept(&world).await[0];
            assert_eq!((last.account.as_str(), last.code.as_str(), last.seq), (login, code.as_str(), n as i64 + 1));
            assert_eq!(last.reason, WHY);
        }
        let after = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!(after, before, "looking disturbs nobody");
        let ask = pb::ListRevealsRequest { account: "dispatcher".to_owned(), code: code.clone(), ..Default::default() };
        let listed = call!(world.who("supervisor"), supervision.list_reveals, ask).unwrap().reveals;
        assert_eq!(listed.len(), 1);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// The same request again is the same look; for something else it is refused.
    async fn a_look_is_kept_once(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        let other = world.citizen().submits(feedback_of("hoa")).await.code;
        let dispatcher = world.dispatcher();
        let first = looks(&dispatcher, &code, ID).await.unwrap();
        assert_eq!(looks(&dispatcher, &code, ID).await.unwrap(), first);
        let all = futures::future::join_all((0..6).map(|_| looks(&dispatcher, &code, ID))).await;
        assert!(all.into_iter().all(|seen| seen.unwrap() == first));
        assert_eq!(kept(&world).await.len(), 1);
        assert_eq!(looks(&dispatcher, &other, ID).await.unwrap_err().reason(), "REQUEST_ID_REUSED");
        world.advance(minutes(10));
        assert_eq!(looks(&dispatcher, &code, ID).await.unwrap_err().reason(), "REQUEST_ID_REUSED", "no pass for ever");
    }

    /// One id for many at once opens one.
    async fn one_id_is_one_look(world: World) {
        let mut codes = Vec::new();
        for n in 0..8 {
            codes.push(world.citizen().submits(feedback_of(&format!("nguoi{n}"))).await.code);
        }
        let dispatcher = world.dispatcher();
        let all = futures::future::join_all(codes.iter().map(|code| looks(&dispatcher, code, ID))).await;
        let seen = all.iter().filter(|look| look.is_ok()).count();
        assert_eq!((seen, kept(&world).await.len()), (1, 1), "{all:?}");
    }

    /// Many at once are one chain.
    async fn looks_do_not_lose_each_other(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        let dispatcher = world.dispatcher();
        let all = futures::future::join_all((0..12).map(|_| looks(&dispatcher, &code, ""))).await;
        assert!(all.iter().all(Result::is_ok));
        let mut seqs: Vec<i64> = kept(&world).await.iter().map(|look| look.seq).collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=12).collect::<Vec<_>>());
        assert_eq!(world.app.verify_offline(Some(&code)).await.unwrap().broken, None);
    }

    /// Supervisors, administrators, operators and portals look at nobody; nor do units that do not have the case, and
    /// least of all the one complained of.
    async fn nobody_else_looks(world: World) {
        let code = world.assigned("CUC-VT").await;
        for login in ["supervisor", "admin", "operator", "portal", "cuc-bc-handler", "cuc-bc-approver"] {
            let refused = looks(&world.who(login), &code, "").await.unwrap_err();
            assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{login}: {refused:?}");
            assert!(!format!("{refused:?}").contains("Lan"));
        }
        let complaint = world.citizen().submits(feedback_of("hoa")).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: complaint.clone(), ..Default::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-BC".to_owned(),
            ..Default::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        for (n, role) in Role::ALL.iter().enumerate() {
            let login = format!("accused-{n}");
            world.add_account(&login, "CUC-BC", &[*role]).await;
            assert!(looks(&world.who(&login), &complaint, "").await.is_err(), "{role}");
            let ask = pb::ListRevealsRequest { code: complaint.clone(), ..Default::default() };
            let listed = call!(world.who(&login), supervision.list_reveals, ask);
            assert!(listed.is_err_and(|refused| !format!("{refused:?}").contains("Ông")), "{role}");
        }
        assert_eq!(kept(&world).await, []);
        let ask = pb::RevealPetitionerRequest { code: code.clone(), reason: "xem".to_owned(), request_id: "7".to_owned() };
        let refused = call!(world.dispatcher(), casework.reveal_petitioner, ask).unwrap_err();
        assert_eq!(refused.fields(), ["request_id", "reason"]);
    }

    /// A role that was taken away elsewhere opens nothing, on a process that has not heard of it yet.
    async fn nobody_looks_upon_a_stale_copy(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        let other = world.another_process().await;
        let caller = world.caller("dispatcher");
        let asked = pakn::app::Asked::once("RevealPetitioner");
        other.reveal(&caller, &asked, &code, WHY.to_owned()).await.unwrap();
        sql(&world, "delete from account_grant where account = (select id from account where login = 'dispatcher')").await;
        sql(&world, "update reference set version = version + 1 where id = 1").await;
        world.app.refresh().await.unwrap();
        assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        let refused = other.reveal(&caller, &asked, &code, WHY.to_owned()).await.unwrap_err();
        assert!(matches!(refused, pakn::app::Error::Refused(_)), "{refused:?}");
        assert_eq!(kept(&world).await.len(), 1);
    }

    /// Of an account that looks at more in a day than is usual the supervisors are told, in their letter of the day.
    async fn too_many_looks_are_told(world: World) {
        let mut codes = Vec::new();
        for n in 0..4 {
            codes.push(world.citizen().submits(feedback_of(&format!("nguoi{n}"))).await.code);
        }
        let app = world.app.with_reveals_a_day(3);
        let caller = world.caller("dispatcher");
        let asked = pakn::app::Asked::once("RevealPetitioner");
        let all = codes.iter().map(|code| app.reveal(&caller, &asked, code, WHY.to_owned()));
        assert!(futures::future::join_all(all).await.iter().all(Result::is_ok), "at once, so that none is before another");
        world.advance(days(1));
        life::digest(&world.app, chrono::NaiveTime::from_hms_opt(7, 30, 0).unwrap()).await.unwrap();
        world.run_workers().await;
        let told: Vec<_> = world.letters().into_iter().filter(|letter| letter.to == "supervisor@mic.example").collect();
        assert!(told.iter().any(|letter| letter.text.contains("xem nhiều danh tính")), "{told:?}");
        let lines: Vec<&str> = told.iter().flat_map(|letter| letter.text.lines()).filter(|line| line.contains("danh tính")).collect();
        assert_eq!(lines.len(), 1, "of the one above the number");
    }

    /// Names are not tried without being on record: each that is refused for being the petitioner's is a look, which the
    /// daily number counts; in what is shared with those complained of, and in what is published.
    async fn a_name_that_was_tried_is_a_look(world: World) {
        let name = feedback().petitioner.unwrap().name;
        let target = |code: &str| Some(pb::Target { code: code.to_owned(), ..Default::default() });
        let complaint = world.citizen().submits(feedback()).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: target(&complaint),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-BC".to_owned(),
            ..Default::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        let share = async |name: &str| {
            let text = format!("Phản ánh của {name} về nhân viên quầy.");
            let share = pb::ShareRedactedCopyRequest { target: target(&complaint), text };
            call!(world.dispatcher(), casework.share_redacted_copy, share).map(drop).map_err(|refused| refused.reason())
        };
        assert_eq!(share("Trần Văn Không").await, Ok(()));
        assert_eq!(kept(&world).await, [], "that is on record as a copy");
        assert_eq!(share(&name).await, Err("NAMES_PETITIONER".to_owned()));
        let answered = world.answered().await;
        let redaction = Some(pb::Redaction { title: "Mạng chậm".to_owned(), question: format!("{name} hỏi."), answer: "Nhà mạng đã xử lý.".to_owned() });
        call!(world.dispatcher(), publication.save_redaction, pb::SaveRedactionRequest { target: target(&answered), redaction }).unwrap();
        assert_eq!(world.dispatcher().tries(Deed::Publish(1), &answered).await.unwrap_err().reason(), "NAMES_PETITIONER");
        let looks = kept(&world).await;
        let told: Vec<_> = looks.iter().map(|look| (look.code.as_str(), look.account.as_str(), look.reason.as_str())).collect();
        let expected = [
            (answered.as_str(), "dispatcher", "PublishPetition: NAMES_PETITIONER"),
            (complaint.as_str(), "dispatcher", "ShareRedactedCopy: NAMES_PETITIONER"),
        ];
        assert_eq!(told, expected);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
        // Of the one above the number supervisors are told.
        let app = world.app.with_reveals_a_day(2);
        let command = pakn::domain::command::Command::ShareCopy { text: format!("Phản ánh của {name}."), petitioner: None };
        let asked = pakn::app::Asked::once("ShareRedactedCopy");
        let acting = pakn::app::Acting::Account(world.caller("dispatcher").account);
        app.perform(&complaint, acting, &asked, command).await.unwrap_err();
        world.advance(days(1));
        life::digest(&world.app, chrono::NaiveTime::from_hms_opt(7, 30, 0).unwrap()).await.unwrap();
        world.run_workers().await;
        let told = |letter: &crate::world::Letter| letter.to == "supervisor@mic.example" && letter.text.contains("xem nhiều danh tính");
        assert!(world.letters().iter().any(told));
    }

    /// A look that was taken out, changed or cut off shows.
    async fn a_look_cannot_be_taken_back_unseen(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        for login in ["dispatcher", "clerk", "dispatcher"] {
            looks(&world.who(login), &code, "").await.unwrap();
        }
        let broken = |what: &'static str| {
            let world = &world;
            let code = code.clone();
            async move {
                let found = world.app.verify_offline(Some(&code)).await.unwrap().broken.expect(what);
                assert_eq!(found.code, code);
                (found.seq, found.problem)
            }
        };
        sql(&world, "create table kept as select * from reveal").await;
        let restore = "insert into reveal select * from kept";
        for (deed, seq) in [
            ("delete from reveal where seq = 2", 2),
            ("delete from reveal where seq = 3", 3),
            ("update reveal set account = (select account from kept where seq = 2) where seq = 1", 1),
            ("update reveal set stored = replace(stored, 'REASON', 'NOTE') where seq = 2", 2),
            ("update petitioner set reveals = 0, head = null", 1),
            ("update petitioner set reveals = 2, head = (select hash from kept where seq = 2)", 3),
            ("update text set body = 'khác' where kind = 'REASON' and id = (select id from text where kind = 'REASON' order by id desc limit 1)", 3),
        ] {
            sql(&world, deed).await;
            let (at, problem) = broken(deed).await;
            assert_eq!(at, seq, "{deed}: {problem}");
            sql(&world, "delete from reveal").await;
            sql(&world, restore).await;
            sql(&world, "update petitioner set reveals = 3, head = (select hash from kept where seq = 3)").await;
            let why = format!("update text set body = '{WHY}' where kind = 'REASON'");
            sql(&world, &why).await;
            assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None, "{deed} undone");
        }
    }

    /// From the terminal.
    async fn a_look_is_typed(world: World) {
        let code = world.assigned("CUC-VT").await;
        let unit = Terminal::of(&world.who("cuc-vt-handler"));
        let seen = unit.asks(&["petition", "reveal", &code, "--reason", WHY]).await;
        assert_eq!(seen["petitioner"]["name"], "Nguyễn Thị Lan");
        let listed = Terminal::of(&world.who("supervisor")).asks(&["trail", "reveals", "--code", &code]).await;
        assert_eq!(listed["reveals"][0]["reason"], WHY);
        world.who("cuc-vt-handler").does(Deed::Start, &code).await;
    }
}
