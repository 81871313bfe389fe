//! What the demo tells a newcomer: where everything is, and what to type next.

use std::net::SocketAddr;

use chrono::{Months, NaiveDate};

use super::folder::Folder;
use crate::domain::time::{Instant, Zone};

/// Says where everything is.
pub(super) fn whereabouts(folder: &Folder, server: SocketAddr) {
    println!("Server     http://{server}   (gRPC, gRPC-Web, health, reflection)");
    println!("Folder     {}", folder.path.display());
    println!("Database   {}", folder.database().display());
    println!("Letters    {}/*.eml", folder.letters().display());
    println!("Tokens     {}   (and as profiles of the admin client)", folder.tokens_file().display());
}

/// Three months until tomorrow: a period that holds every petition of the demo.
pub(super) fn period(zone: Zone, now: Instant) -> (NaiveDate, NaiveDate) {
    let today = zone.date(now);
    (today.checked_sub_months(Months::new(3)).unwrap_or(today), today.succ_opt().unwrap_or(today))
}

/// Gives commands to paste into another terminal.
pub(super) fn commands(folder: &Folder, server: SocketAddr, (from, to): (NaiveDate, NaiveDate)) {
    let binary = std::env::current_exe().map_or_else(|_| "pakn".to_owned(), |path| path.display().to_string());
    let (client, binary) = (quoted(&folder.client().display().to_string()), quoted(&binary));
    println!("In another terminal, first:");
    println!();
    println!("  pakn() {{ PAKN_SERVER=http://{server} XDG_CONFIG_HOME={client} {binary} \"$@\"; }}");
    println!();
    println!("then any of these; --profile says who asks:");
    println!();
    println!("  pakn petition list --profile dispatcher");
    println!("  pakn petition list --profile dispatcher --overdue");
    println!("  pakn petition list --profile dispatcher --all-states --text \"cuoc goi rac\"");
    println!("  pakn petition submit --profile portal --kind FEEDBACK --channel PORTAL \\");
    println!(
        "    --title \"Cột cáp nghiêng trước cổng trường\" --content \"Cột cáp viễn thông trước cổng trường nghiêng từ tuần trước.\" \\"
    );
    println!("    --type INDIVIDUAL --name \"Nguyễn Văn Bình\" --email binh@citizen.example");
    println!("  pakn petition show --profile dispatcher CODE");
    println!("  pakn petition events --profile supervisor CODE");
    println!("  pakn report on-time --profile supervisor --from {from} --to {to}");
    println!("  pakn publication search");
    println!("  pakn letter list --profile operator");
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
