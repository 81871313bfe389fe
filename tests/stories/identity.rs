//! Who brought a petition is sealed: nobody reads it from the database, and keys are changed while petitions come in.

use pakn::{
    app::{App, Page, Resealed},
    domain::text::hex,
    pb,
    store::{self, Keys},
};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use crate::{
    call,
    directory::{everything, is_postgres},
    on_both,
    terminal::Terminal,
    world::{Deed, MASTER, World, feedback, feedback_of, minutes},
};

const SECOND: &str = "2:c4180f72e95ab36d4e0f81d2a6973c5be85f20c9147d6ab30fe29d58b4617a3c";

fn keys(typed: &str) -> Keys {
    Keys::parse(typed).unwrap()
}

/// Name, address for e-mail, telephone, address, representative and the portal's id: words that stand nowhere else.
const MARKS: [&str; 6] =
    ["TênMật Chimyến", "homthumat@chimyen.example", "0987650123", "Ngõ Bímật 77", "Đạidiện Chimyến", "user-bimat-9"];

/// A submission of which every part that tells who wrote is one of them.
fn marked() -> pb::SubmitPetitionRequest {
    let [name, email, phone, address, representative, portal_subject] = MARKS.map(str::to_owned);
    let kind = pb::PetitionerType::Individual.into();
    let petitioner = pb::Petitioner { r#type: kind, name, email, phone, address, representative, ..Default::default() };
    pb::SubmitPetitionRequest { petitioner: Some(petitioner), portal_subject, ..feedback() }
}

async fn own(world: &World, subject: &str) -> Vec<String> {
    let ask = pb::ListOwnPetitionsRequest { portal_subject: subject.to_owned(), ..Default::default() };
    let listed = call!(world.citizen(), intake.list_own_petitions, ask).unwrap();
    listed.petitions.into_iter().map(|petition| petition.code).collect()
}

async fn sql(world: &World, sql: &str) {
    world.database().await.execute_unprepared(sql).await.unwrap();
}

/// How many identities are under each version.
async fn versions(world: &World) -> Vec<(i32, i64)> {
    let database = world.database().await;
    let sql = "select key_version, count(*) from petitioner group by key_version order by key_version";
    let rows =
        database.query_all_raw(sea_orm::Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

async fn seal_all(app: &App) -> usize {
    let (mut sealed, mut step) = (0, Resealed::default());
    loop {
        step = app.seal_anew(&step).await.unwrap();
        assert_eq!(step.unreadable, []);
        sealed += step.sealed;
        if step.done_to.is_none() {
            return sealed;
        }
    }
}

on_both! {
    /// Who takes the database away learns nothing of who wrote, though letters have gone out.
    async fn a_stolen_database_names_nobody(world: World) {
        let code = world.citizen().submits(marked()).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        world.run_workers().await;
        let letters = world.letters();
        assert!(letters.iter().any(|letter| letter.to.contains(MARKS[1])), "it reached the address");
        let (rows, files) = (everything(&world).await, world.files());
        let file = String::from_utf8_lossy(&files).to_lowercase();
        assert!(rows.contains(&code.to_lowercase()), "what is not secret is found");
        for mark in MARKS {
            let mark = mark.to_lowercase();
            for kept in [&rows, &file] {
                assert!(!kept.contains(&mark) && !kept.contains(&hex(mark.as_bytes())), "{mark} is in the database");
            }
        }
        assert_eq!(own(&world, MARKS[5]).await, [code], "and yet the portal finds its user's");
        assert_eq!(own(&world, "user-bimat-8").await, [] as [String; 0]);
    }

    /// A key that is missing or wrong is told before anything is touched.
    async fn a_wrong_key_opens_nothing(world: World) {
        world.citizen().submits(feedback()).await;
        let before = everything(&world).await;
        let wrong = MASTER.replace("5f2e", "5f2f");
        for (typed, told) in [
            (wrong.as_str(), "master key 1 is not the one that identities are sealed with"),
            (SECOND, "master key 1 is missing: identities are sealed with it"),
        ] {
            let refused = world.process_with(keys(typed)).await.unwrap_err();
            assert!(matches!(&refused, store::Error::Keys(what) if what == told), "{refused:?}");
        }
        assert_eq!(everything(&world).await, before);
        // A further key beside the right one is only kept ready.
        let ready = world.process_with(keys(&format!("{MASTER} {SECOND}"))).await.unwrap();
        assert_eq!(ready.master_keys(), (1, 2));
        assert_eq!(everything(&world).await, before);
    }

    /// A key is changed while petitions come in; who does not have it takes none in any more, and says so.
    async fn a_key_is_changed(world: World) {
        let first = world.citizen().submits(marked()).await.code;
        let with_both = world.process_with(keys(&format!("{MASTER},{SECOND}"))).await.unwrap();
        with_both.rotate_master_key().await.unwrap();
        assert_eq!(versions(&world).await, [(1, 1)], "sealed anew step by step");
        assert_eq!(with_both.retire_master_keys().await.unwrap(), [] as [u32; 0], "while it seals anything it is needed");

        // The service of this world has the first key alone.
        let refused = world.citizen().tries_to_submit(feedback_of("hoa")).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        assert!(world.app.ping().await.is_err(), "health says so");
        let ask = pb::ListOwnPetitionsRequest { portal_subject: MARKS[5].to_owned(), ..Default::default() };
        let refused = call!(world.citizen(), intake.list_own_petitions, ask).unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "rather than some of them: {refused:?}");
        assert_eq!(versions(&world).await, [(1, 1)], "nothing of it was kept");

        assert_eq!(seal_all(&with_both).await, 1);
        assert_eq!(seal_all(&with_both).await, 0);
        assert_eq!(with_both.retire_master_keys().await.unwrap(), [1]);
        let with_second = world.process_with(keys(SECOND)).await.unwrap();
        assert_eq!(with_second.master_keys(), (2, 2));
        assert!(matches!(world.process_with(keys(MASTER)).await.unwrap_err(), store::Error::Keys(_)));
        assert_eq!(versions(&world).await, [(2, 1)]);

        // Under the second key the petitioner is found, and is written to.
        let caller = world.caller("portal");
        let page = Page::read(0, "", &[]).unwrap();
        let (found, _) = with_second.list_own(&caller, MARKS[5], &page).await.unwrap();
        assert_eq!(found.into_iter().map(|(petition, _)| petition.code).collect::<Vec<_>>(), [first]);
        world.sends_letters(&with_second).await;
        assert!(world.letters().iter().any(|letter| letter.to.contains(MARKS[1])));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What was kept before identities were sealed is sealed by the first who has the key.
    async fn what_was_open_is_sealed(world: World) {
        let code = world.citizen().submits(marked()).await.code;
        let plain = r#"{"kind":"INDIVIDUAL","name":"TênMật Chimyến","email":"homthumat@chimyen.example","phone":"","address":"",
            "representative":"","signatories":1,"consents":[],"subject":"user-bimat-9"}"#;
        let bytes = hex(plain.as_bytes());
        let blob = if is_postgres(&world).await { format!("decode('{bytes}', 'hex')") } else { format!("x'{bytes}'") };
        sql(&world, &format!("update petitioner set key_version = 0, sealed = {blob}, subject_hash = null")).await;
        assert!(everything(&world).await.contains(&bytes));
        assert!(world.tries_letters().await.is_err(), "whoever wrote that there is not believed");
        let step = world.app.seal_anew(&Resealed::default()).await.unwrap();
        assert_eq!((step.sealed, step.unreadable.len()), (0, 1), "unless the migration has said that it may be so");
        sql(&world, "insert into setting (name, value) values ('identities-unsealed', '1')").await;
        assert_eq!(seal_all(&world.app).await, 1);
        world.app.sweep().await.unwrap();
        assert!(!everything(&world).await.contains(&bytes));
        assert!(!String::from_utf8_lossy(&world.files()).contains(MARKS[0]));
        assert_eq!(own(&world, MARKS[5]).await, [code]);
        world.advance(minutes(20));
        world.run_workers().await;
        assert!(world.letters().iter().any(|letter| letter.to.contains(MARKS[1])));
    }

    /// A record put in another's place, or broken, opens for nobody; everybody else goes on.
    async fn a_record_belongs_to_its_petition(world: World) {
        let [one, two] = [feedback_of("one"), feedback_of("two")];
        world.citizen().submits(one).await;
        let two = world.citizen().submits(two).await.code;
        let petition = |order| format!("(select petition from petitioner order by petition {order} limit 1)");
        let moved = "(select sealed from petitioner order by petition desc limit 1)";
        sql(&world, &format!("update petitioner set sealed = {moved} where petition = {}", petition("asc"))).await;
        assert!(world.tries_letters().await.is_err(), "somebody is told");
        let letters = world.letters();
        assert!(letters.iter().all(|letter| letter.text.contains(&two)) && !letters.is_empty(), "to nobody else's address");
    }

    /// On the server's host: a key file that is gone is not made anew, and nothing starts; with it a key is changed.
    async fn keys_are_kept_on_the_host(world: World) {
        world.citizen().submits(feedback()).await;
        let host = Terminal::on_host(&world);
        let in_a_file = Terminal::on_host(&world).with("PAKN_MASTER_KEY_FILE", host.file("master.key", MASTER)).without("PAKN_MASTER_KEY");
        assert_eq!(in_a_file.gets(&["identity", "status"]).await, "master key 1 seals; the highest given is 1\n");
        let before = everything(&world).await;
        let lost = Terminal::on_host(&world).without("PAKN_MASTER_KEY");
        for verb in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"], &["identity", "rotate"], &["token", "list"]] {
            let told = lost.fails(1, verb).await;
            let why = if is_postgres(&world).await { "must be given" } else { "master.key is not there" };
            assert!(told.contains(why), "{told}");
        }
        let wrong = Terminal::on_host(&world).with("PAKN_MASTER_KEY", SECOND.replace("2:", "1:"));
        let told = wrong.fails(1, &["serve", "--listen", "127.0.0.1:0"]).await;
        assert!(told.contains("master key 1 is not the one that identities are sealed with"), "{told}");
        let rubbish = Terminal::on_host(&world).with("PAKN_MASTER_KEY", "1:c0ffee");
        let told = rubbish.fails(1, &["serve", "--listen", "127.0.0.1:0"]).await;
        assert!(told.ends_with("master_key: key 1 (version 1) is not 64 hexadecimal digits"), "{told}");
        assert_eq!(everything(&world).await, before, "nothing was touched");
        let printed = host.gets(&["serve", "--print-config"]).await;
        assert!(printed.contains("master_key") && !printed.contains(&MASTER[2..]), "{printed}");

        let both = Terminal::on_host(&world).with("PAKN_MASTER_KEY", format!("{MASTER}\n{SECOND}\n"));
        let told = both.gets(&["identity", "rotate"]).await;
        assert!(told.starts_with("1 identities sealed anew; master key 2 seals\nmaster key 1 seals nothing any more"), "{told}");
        assert_eq!(both.gets(&["identity", "new-key", "--version", "3"]).await.len(), 2 + 64 + 1);
        assert_eq!(both.gets(&["identity", "rotate"]).await, "0 identities sealed anew; master key 2 seals\n");
        let told = Terminal::on_host(&world).with("PAKN_MASTER_KEY", SECOND).gets(&["identity", "status"]).await;
        assert_eq!(told, "master key 2 seals; the highest given is 2\n");
    }
}
