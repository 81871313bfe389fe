//! The admin client as a person runs it: a process of its own against the running service.

use std::{path::Path, process::Command};

use crate::{
    on_both,
    world::{Deed, Person},
};

/// Runs the client as somebody; gives what it printed.
async fn pakn(who: &Person<'_>, folder: &Path, arguments: &[&str]) -> String {
    let token = who.ask(()).metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pakn"));
    command
        .args(arguments)
        .env("PAKN_SERVER", format!("http://{}", who.world.address))
        .env("PAKN_TOKEN", token.trim_start_matches("Bearer "))
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder);
    let run = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

on_both! {
    /// Calendars, policies and explanations, from files and into tables.
    async fn it_does_what_the_contract_does(world: World) {
        let (admin, folder) = (world.who("admin"), tempfile::tempdir().unwrap());
        let home = folder.path();
        let file = |name: &str, text: &str| {
            let at = home.join(name);
            std::fs::write(&at, text).unwrap();
            at.display().to_string()
        };
        let ics = file("days.ics", &pakn(&admin, home, &["calendar", "export", "vn", "--as", "icalendar"]).await);
        let put = pakn(&admin, home, &["calendar", "import", &ics, "--format", "json"]).await;
        assert!(put.contains("vn-2"), "{put}");
        let code = world.assigned("CUC-VT").await;
        let csv = pakn(&admin, home, &["calendar", "export", "vn", "--as", "csv"]).await + "2026-03-05,off,Nghỉ\n";
        pakn(&admin, home, &["calendar", "import", &file("days.csv", &csv)]).await;
        let preview = pakn(&admin, home, &["calendar", "preview", "vn-3", "--format", "json"]).await;
        assert!(preview.contains("2026-03-06"), "{preview}");
        pakn(&admin, home, &["calendar", "apply", "vn-3", "--base", "vn-2026-1"]).await;
        while world.app.recalculate().await.unwrap() {}
        let shown = pakn(&world.dispatcher(), home, &["petition", "explain", &code]).await;
        for part in ["ANSWER: due 2026-03-06", "general-1", "vn-3", "DUE", "Tết Nguyên đán", "RECALCULATE", "CUC-VT"] {
            assert!(shown.contains(part), "{part}:\n{shown}");
        }
        let policy = pakn(&admin, home, &["policy", "show", "general", "--format", "json"]).await;
        let policy = file("general.json", &policy);
        let put = pakn(&admin, home, &["policy", "put", &policy]).await;
        assert!(put.contains("general-2"), "{put}");
        world.when("2026-03-07 09:00");
        world.who("cuc-vt-handler").does(Deed::PostProgress, &code).await;
        let shown = pakn(&world.dispatcher(), home, &["petition", "explain", &code]).await;
        assert!(shown.contains("UPDATE: due"), "{shown}");
    }
}
