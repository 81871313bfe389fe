//! Every verb of the life as a person types it: the binary as a process of its own, with what it prints, what it
//! ends with, and what it takes from files and variables. What the server decides is told in the other stories.

use std::{collections::HashMap, os::unix::fs::PermissionsExt};

use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use crate::{
    on_both,
    terminal::{Terminal, token},
    world::{World, feedback_of, minutes},
};

const ANSWER: &str = "Kính gửi Bà Lan,\n\n  1. Cục đã kiểm tra.\n\n\"Trân trọng\" & <cảm ơn>.";
const SOME_ID: &str = "00000000-0000-7000-8000-000000000000";

/// The line of a submission by its title.
fn submission(title: &str) -> Vec<&str> {
    let said = "petition submit --kind feedback --channel portal --type individual --name Lan --email lan@example.vn";
    said.split(' ').chain(["--content", "Mỗi tối mạng chậm đến mức không học được.", "--title", title]).collect()
}

/// Submits; gives code and access key.
async fn submitted(portal: &Terminal) -> (String, String) {
    let taken = portal.asks(&submission("Mạng chậm buổi tối")).await;
    let part = |name: &str| taken[name].as_str().unwrap().to_owned();
    (part("code"), part("access_key"))
}

/// A terminal for each of these logins.
fn terminals<const N: usize>(world: &World, logins: [&str; N]) -> [Terminal; N] {
    logins.map(|login| Terminal::of(&world.who(login)))
}

on_both! {
    /// From the portal's form to the answer on the petitioner's page, each hand at its own terminal.
    async fn a_petition_is_answered(world: World) {
        let [portal, dispatcher, handler, head] =
            terminals(&world, ["portal", "dispatcher", "cuc-vt-handler", "cuc-vt-approver"]);
        let (code, key) = submitted(&portal).await;
        let accepted = dispatcher.leads(&["accept", &code, "--class", "other", "--field", "OTHER"], "ACCEPTED").await;
        assert_eq!(accepted["outcome"]["register_number"], "1/2026/BTTTT-VP");
        dispatcher.leads(&["assign", &code, "--unit", "CUC-VT", "--handler", "cuc-vt-handler"], "ASSIGNED").await;
        handler.leads(&["start", &code], "IN_PROGRESS").await;
        assert_eq!(handler.drafts(&[&code], "Nháp đầu.").await["revision"], 1);
        handler.leads(&["draft", "submit", &code, "--outcome", "explained"], "AWAITING_APPROVAL").await;
        head.leads(&["send-back", &code, "--reason", "Thiếu căn cứ."], "IN_PROGRESS").await;
        assert_eq!(handler.drafts(&[&code, "--based-on", "1"], &format!("{ANSWER}\r\n\n")).await["revision"], 2);
        handler.leads(&["draft", "submit", &code, "--outcome", "no_basis"], "AWAITING_APPROVAL").await;
        let approved = head.leads(&["approve", &code, "--capacity", "deputy"], "ANSWERED").await;
        assert_eq!(approved["verdict"], "EARLY");
        let seen = portal.asks(&["petition", "track", &code, "--key", &key]).await;
        assert_eq!((&seen["details"]["answer"], &seen["details"]["outcome"]), (&ANSWER.into(), &"NO_BASIS".into()));
        let petition = &dispatcher.asks(&["petition", "show", &code]).await["petition"];
        assert_eq!((&petition["capacity"], &petition["approved_by"]), (&"DEPUTY".into(), &"cuc-vt-approver".into()));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What comes after an answer: it is recalled, given anew, rated, and the petition taken up again.
    async fn an_answer_has_a_life_of_its_own(world: World) {
        let [portal, dispatcher, handler, head] =
            terminals(&world, ["portal", "dispatcher", "cuc-vt-handler", "cuc-vt-approver"]);
        let (code, key) = submitted(&portal).await;
        let portal = portal.with("PAKN_ACCESS_KEY", key);
        dispatcher.leads(&["accept", &code, "--class", "other", "--field", "OTHER", "--unit", "CUC-VT"], "ASSIGNED").await;
        for (recalled, text) in [(true, "Nhầm đối tượng."), (false, ANSWER)] {
            // Saving a draft starts the work by itself.
            handler.drafts(&[&code], text).await;
            handler.leads(&["draft", "submit", &code, "--outcome", "explained"], "AWAITING_APPROVAL").await;
            head.leads(&["approve", &code], "ANSWERED").await;
            if recalled {
                dispatcher.leads(&["recall", &code, "--reason", "Trả lời nhầm."], "IN_PROGRESS").await;
                let seen = portal.asks(&["petition", "track", &code]).await;
                assert_eq!(seen["details"]["answer"], Value::Null);
            }
        }
        portal.leads(&["rate", &code, "--stars", "4", "--comment", "Cảm ơn."], "ANSWERED").await;
        let seen = portal.asks(&["petition", "track", &code]).await;
        assert_eq!((&seen["details"]["answer"], &seen["details"]["stars"]), (&ANSWER.into(), &4.into()));
        portal.leads(&["reopen", &code, "--reason", "Vẫn chậm như cũ."], "ACCEPTED").await;
        assert_eq!(portal.asks(&["petition", "track", &code]).await["details"]["round"], 2);
        portal.leads(&["withdraw", &code, "--reason", "Đã tốt hơn."], "WITHDRAWN").await;
    }

    /// The ends without an answer, with what the petitioner is told.
    async fn a_petition_ends_without_an_answer(world: World) {
        let [portal, dispatcher] = terminals(&world, ["portal", "dispatcher"]);
        let (code, key) = submitted(&portal).await;
        let text = "Nội dung thuộc luật khiếu nại.";
        let line = ["refuse", &code, "--reason", "complaint", "--text", text, "--redirect", "Thanh tra Bộ"];
        dispatcher.leads(&line, "REFUSED").await;
        let seen = portal.asks(&["petition", "track", &code, "--key", &key]).await;
        let told = ["refusal_reason", "ending_text", "redirect"].map(|name| seen["details"][name].as_str().unwrap());
        assert_eq!(told, ["COMPLAINT", text, "Thanh tra Bộ"]);
        let (code, key) = submitted(&portal).await;
        let body = "Sở TTTT Nam Định";
        dispatcher.leads(&["transfer", &code, "--body", body, "--address", "55 Hà Huy Tập"], "TRANSFERRED").await;
        let seen = portal.asks(&["petition", "track", &code, "--key", &key]).await;
        assert!(seen["details"]["ending_text"].as_str().unwrap().contains(body), "{seen}");
    }

    /// Given back, given more time, noted: what moves no petition out of its state or only back.
    async fn a_unit_gives_it_back_and_another_gets_time(world: World) {
        let [dispatcher, wrong, office] = terminals(&world, ["dispatcher", "cuc-ts-handler", "office-head"]);
        let code = world.assigned("CUC-TS").await;
        wrong.leads(&["return", &code, "--reason", "Không thuộc tần số."], "ACCEPTED").await;
        dispatcher.leads(&["assign", &code, "--unit", "CUC-VT", "--co-handling", "CUC-TS,CUC-THH"], "ASSIGNED").await;
        let extended = office.leads(&["extend", &code, "--days", "10", "--reason", "Chờ nhà mạng."], "ASSIGNED").await;
        // Ten days after 5 March is a Sunday.
        assert_eq!(extended["outcome"]["answer_due"]["date"], "2026-03-16");
        dispatcher.leads(&["note", &code, "--text", "Đã gọi nhà mạng."], "ASSIGNED").await;
        let petition = &dispatcher.asks(&["petition", "show", &code]).await["petition"];
        assert_eq!((&petition["returns"], &petition["extensions"]), (&1.into(), &1.into()));
        assert_eq!(petition["co_handling_units"], serde_json::json!(["CUC-TS", "CUC-THH"]));
        assert_eq!(petition["original_due"]["date"], "2026-03-05");
        let steps = dispatcher.asks(&["petition", "events", &code]).await;
        let note = steps["events"].as_array().unwrap().last().unwrap();
        assert_eq!((&note["kind"], &note["texts"][0]["body"]), (&"NOTE_ADDED".into(), &"Đã gọi nhà mạng.".into()));
    }

    /// A list as plain data, page after page, and for a spreadsheet, in which nobody's title is a formula.
    async fn a_list_is_taken_elsewhere(world: World) {
        let [portal, dispatcher] = terminals(&world, ["portal", "dispatcher"]);
        let titles = ["=HYPERLINK(\"http://evil.example\")", "Sóng yếu, \"mất\" sóng", "Cước sai"];
        for title in titles {
            portal.asks(&submission(title)).await;
            world.advance(minutes(1));
        }
        let csv = dispatcher.gets(&["petition", "list", "--state", "submitted", "--format", "csv"]).await;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
        let row = |title: &str| rows.iter().find(|row| row["title"] == title).expect(&csv);
        assert_eq!(row("'=HYPERLINK(\"http://evil.example\")")["state"], "SUBMITTED");
        assert_eq!(row(titles[1])["received_at"], "2026-02-13T02:16:00Z");
        assert_eq!(row(titles[2])["answer_due.date"], "2026-03-05");
        let list = ["petition", "list", "--order", "received_oldest", "--page-size", "2", "--format", "json"];
        let first = dispatcher.types(&list, "").await;
        let token = first.err.trim().strip_prefix("more: --page-token ").expect(&first.err);
        let rest = dispatcher.gets(&[&list[..], &["--page-token", token]].concat()).await;
        let pages = [first.out, rest].map(|page| serde_json::from_str::<Value>(&page).unwrap());
        let rows = pages.iter().flat_map(|page| page["petitions"].as_array().unwrap());
        assert_eq!(rows.map(|row| &row["title"]).collect::<Vec<_>>(), titles);
    }

    /// What is done to a petition stands under it, its publication too; what anyone reads is the public record.
    async fn a_petition_is_published_and_taken_down(world: World) {
        let code = world.answered().await;
        let office = Terminal::of(&world.dispatcher());
        let copy = ["--title", "Mạng chậm", "--question", "Mạng chậm buổi tối.", "--answer", "Đã mở rộng."];
        office.asks(&[&["petition", "redact", &code], &copy[..]].concat()).await;
        assert_eq!(office.asks(&["petition", "show-redaction", &code]).await["redaction"]["title"], "Mạng chậm");
        office.leads(&["publish", &code, "--revision", "1"], "ANSWERED").await;
        let anyone = Terminal::bare().with("PAKN_SERVER", format!("http://{}", world.address));
        let found = anyone.asks(&["publication", "search", "mang", "cham"]).await;
        let id = found["publications"][0]["id"].as_str().unwrap().to_owned();
        assert!(anyone.gets(&["publication", "show", &id]).await.contains("Đã mở rộng."));
        office.leads(&["take-down", &code, "--reason", "Còn tên người."], "ANSWERED").await;
        anyone.fails(4, &["publication", "show", &id]).await;
    }

    /// On the server's host tokens are made, listed without secrets, and ended.
    async fn a_token_is_ended_on_the_host(world: World) {
        let host = Terminal::on_host(&world);
        let made = host.gets(&["token", "create", "--account", "dispatcher", "--label", "phòng-3"]).await;
        world.app.refresh().await.unwrap();
        let holder = Terminal::of(&world.who("admin")).with("PAKN_TOKEN", made.trim());
        holder.gets(&["petition", "list"]).await;
        let listed = host.gets(&["token", "list", "--account", "dispatcher"]).await;
        assert!(!listed.contains(made.trim()) && !listed.contains("supervisor"), "{listed}");
        let row = listed.lines().find(|row| row.contains("phòng-3")).expect(&listed);
        assert!(host.gets(&["token", "list"]).await.contains("supervisor"));
        let all = host.asks(&["token", "list"]).await;
        let of = |login: &str| all["tokens"].as_array().unwrap().iter().filter(|token| token["account"] == login).count();
        assert!(of("supervisor") == 1 && of("dispatcher") >= 1 && !all.to_string().contains("secret"), "{all}");
        let sheet = host.gets(&["token", "list", "--account", "supervisor", "--format", "csv"]).await;
        let lines: Vec<&str> = sheet.lines().collect();
        assert_eq!((lines[0], lines.len()), ("id,account,label,created_at,expires_at,revoked_at", 2), "{sheet}");
        host.gets(&["token", "revoke", row.split_whitespace().next().unwrap()]).await;
        world.app.refresh().await.unwrap();
        holder.fails(3, &["petition", "list"]).await;
        Terminal::of(&world.dispatcher()).gets(&["petition", "list"]).await;
        assert_eq!(host.fails(1, &["token", "revoke", SOME_ID]).await, "no such token");
    }

    /// The first broken link of a petition is named on the host and to the supervisor; the others are whole.
    async fn a_broken_link_is_named(world: World) {
        let (first, second) = (world.assigned("CUC-BC").await, world.answered().await);
        let host = Terminal::on_host(&world);
        let whole = host.gets(&["audit", "verify", &second]).await;
        assert!(whole.starts_with("whole: 1 petitions, 6 events"), "{whole}");
        let rewrite = "update event set stored = stored || ' ' where seq in (3, 5) and petition in";
        let rewrite = format!("{rewrite} (select id from petition where code = '{second}')");
        assert_eq!(world.database().await.execute_unprepared(&rewrite).await.unwrap().rows_affected(), 2);
        let named = format!("{second} event 3");
        for line in [&["audit", "verify", &second][..], &["audit", "verify"]] {
            assert!(host.fails(1, line).await.contains(&named), "{line:?}");
        }
        host.gets(&["audit", "verify", &first]).await;
        let told = Terminal::of(&world.who("supervisor")).types(&["trail", "verify", &second], "").await;
        assert!(told.exit == Some(1) && told.err.contains(&named), "{told:?}");
    }

    /// What is not ready is told, each on a line, and the exit says that there is something.
    async fn a_check_finds_what_is_not_ready(world: World) {
        let host = Terminal::on_host(&world);
        assert!(host.gets(&["check"]).await.contains("ready"));
        let ready = host.asks(&["check"]).await;
        assert_eq!((&ready["ready"], &ready["findings"]), (&true.into(), &serde_json::json!([])));
        assert!(host.gets(&["check", "--format", "csv"]).await.starts_with("kind,what"));
        world.database().await.execute_unprepared("update unit set mailbox = '' where code = 'CUC-TS'").await.unwrap();
        let found = host.with("PAKN_MAIL__FROM", "nobody").types(&["check"], "").await;
        assert_eq!((found.exit, found.err.as_str()), (Some(1), "pakn: 2 findings\n"), "{found:?}");
        assert!(found.out.contains("unit CUC-TS: it has no mailbox\n") && found.out.contains("\nmail: "), "{found:?}");
        let other = Terminal::on_host(&world).with("PAKN_SECRET", "another secret, thirty-two bytes too");
        assert!(other.fails(1, &["check"]).await.contains("secret"));
    }
}

/// Every way to fail that the help names, with the line that says why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_to_fail_has_its_code() {
    let world = World::on_sqlite().await;
    let code = &world.citizen().submits(feedback_of("an")).await.code;
    for (exit, login, line, why) in [
        (1, "dispatcher", "petition assign CODE --unit CUC-VT", "[ASSIGN_NOT_POSSIBLE_IN_SUBMITTED"),
        (1, "dispatcher", "petition accept CODE --class other --field NONE", "field: "),
        (2, "dispatcher", "petition note CODE --text hello --profile nobody", "profile nobody"),
        (2, "cuc-vt-handler", "petition draft save CODE --file /nowhere", "/nowhere"),
        (3, "supervisor", "petition accept CODE --class other", "[FORBIDDEN rpc=AcceptPetition]"),
        (3, "dispatcher", "petition show CODE --token pakn_wrong", ""),
        (4, "cuc-bc-handler", "petition show CODE", ""),
        (4, "dispatcher", "petition show PAKN.20260213.AAAAAAAA", ""),
        (5, "dispatcher", "petition note CODE --text hello --version 9", "[STALE_VERSION version=1]"),
        (6, "dispatcher", "petition show CODE --server http://127.0.0.1:9", "cannot reach http://127.0.0.1:9"),
    ] {
        let line: Vec<&str> = line.split(' ').map(|word| if word == "CODE" { code } else { word }).collect();
        let reason = Terminal::of(&world.who(login)).fails(exit, &line).await;
        assert!(reason.contains(why), "{line:?}: {reason}");
    }
    let typo = Terminal::of(&world.dispatcher()).types(&["petition", "list", "--state", "asleep"], "").await;
    assert!(typo.exit == Some(2) && typo.err.contains("NEEDS_INFORMATION"), "{typo:?}");
    assert_eq!(world.dispatcher().reads(code).await.unwrap().summary.unwrap().version, 1);
}

/// A command whose answer was lost is typed again and done once; the id is for that command alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_asked_for_again() {
    let world = World::on_sqlite().await;
    let portal = Terminal::of(&world.who("portal"));
    let again = |title| [submission(title), vec!["--request-id", SOME_ID]].concat();
    let first = portal.asks(&again("Mạng chậm")).await;
    assert_eq!(portal.asks(&again("Mạng chậm")).await, first);
    assert!(portal.fails(5, &again("Việc khác")).await.contains("[REQUEST_ID_REUSED]"));
    assert_eq!(Terminal::of(&world.dispatcher()).asks(&["petition", "count"]).await["total"], 1);
}

/// A profile says who asks and where, unless the command line does; a file that others can read says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_says_who_asks() {
    let world = World::on_sqlite().await;
    let code = world.citizen().submits(feedback_of("an")).await.code;
    let [server, secret] = [format!("http://{}", world.address), token(&world.dispatcher())];
    let press = token(&world.who("cuc-bc-handler"));
    let profile = |name, token| format!("[{name}]\nserver = '{server}'\ntoken = '{token}'\n");
    let terminal = Terminal::bare();
    let file = terminal.file("pakn/profiles.toml", &(profile("desk", &secret) + &profile("press", &press)));
    assert!(terminal.gets(&["petition", "list", "--profile", "desk"]).await.contains(&code));
    assert!(!terminal.gets(&["petition", "list", "--profile", "press"]).await.contains(&code));
    assert!(terminal.gets(&["petition", "list", "--profile", "press", "--token", &secret]).await.contains(&code));
    std::fs::set_permissions(file, PermissionsExt::from_mode(0o644)).unwrap();
    let open = terminal.fails(2, &["petition", "list", "--profile", "desk"]).await;
    assert!(open.contains("chmod 600") && !open.contains(&secret), "{open}");
}

/// What is built in gives way to the file, the file to variables, variables to flags; no secret is printed.
#[tokio::test]
async fn flags_go_before_variables_and_variables_before_the_file() {
    let file = "listen = '127.0.0.1:1'\ndata_dir = '/file'\ndatabase_url = 'postgres://pakn:hunter2@file/pakn'\n\
                mail.from = 'file@mic.example'\ngrpc.timeout_seconds = 11\n";
    let terminal = Terminal::bare().with("PAKN_LISTEN", "127.0.0.1:2").with("PAKN_DATA_DIR", "/variable");
    let terminal = terminal.with("PAKN_GRPC__TIMEOUT_SECONDS", "12").with("PAKN_SECRET", "hunter2");
    let at = terminal.file("pakn.toml", file);
    let flags = ["--config", &at, "--data-dir", "/flag", "--listen", "127.0.0.1:3"];
    let printed = terminal.gets(&[&["serve", "--print-config"], &flags[..]].concat()).await;
    assert!(!printed.contains("hunter2") && printed.contains("postgres://pakn:(redacted)@file/pakn"), "{printed}");
    let config: toml::Table = printed.parse().unwrap();
    let part = |name: &str| config[name].as_str().unwrap();
    assert_eq!((part("time_zone"), part("listen"), part("data_dir")), ("Asia/Ho_Chi_Minh", "127.0.0.1:3", "/flag"));
    assert_eq!(config["mail"]["from"].as_str(), Some("file@mic.example"));
    assert_eq!(config["grpc"]["timeout_seconds"].as_integer(), Some(12));
    let only_file = Terminal::bare().with("PAKN_CONFIG", &at).gets(&["serve", "--print-config"]).await;
    assert!(only_file.contains("127.0.0.1:1\"") && only_file.contains("/file"), "{only_file}");
}
