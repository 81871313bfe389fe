//! Bad input: whatever is sent, the answer is one that the contract knows, names what is wrong, and the server
//! lives on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "bad_input/copies.rs"]
mod copies;
#[path = "bad_input/directory.rs"]
mod directory;
#[path = "bad_input/documented.rs"]
mod documented;
#[path = "bad_input/everything.rs"]
mod everything;
#[path = "bad_input/garbage.rs"]
mod garbage;
#[path = "bad_input/identity.rs"]
mod identity;
#[path = "bad_input/insiders.rs"]
mod insiders;
#[path = "bad_input/mutate.rs"]
mod mutate;
#[path = "bad_input/pages.rs"]
mod pages;
#[path = "bad_input/permissions.rs"]
mod permissions;
#[path = "bad_input/server.rs"]
mod server;
#[path = "bad_input/stage.rs"]
mod stage;
#[path = "bad_input/tables.rs"]
mod tables;
#[path = "bad_input/time.rs"]
mod time;
#[path = "bad_input/twice.rs"]
mod twice;
#[path = "bad_input/watch.rs"]
mod watch;

/// Every test on both databases.
macro_rules! on_both {
    ($($name:ident: $what:path,)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::watch::begin();
                $what(&super::server::start(false).await).await;
                assert_eq!(super::watch::seen(), Vec::<String>::new());
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::watch::begin();
                $what(&super::server::start(true).await).await;
                assert_eq!(super::watch::seen(), Vec::<String>::new());
            })+
        }
    };
}

on_both! {
    every_field_of_every_request: super::everything::every_field_of_every_request,
    bytes_that_are_no_message: super::garbage::bytes_that_are_no_message,
    forged_page_tokens: super::garbage::forged_page_tokens,
    what_is_documented_is_held_to: super::documented::what_is_documented_is_held_to,
    every_fault_is_named_at_once: super::tables::every_fault_is_named_at_once,
    what_is_stored_is_composed: super::tables::what_is_stored_is_composed,
    a_complaint_is_concealed: super::insiders::a_complaint_is_concealed_from_those_complained_of,
    a_clerk_with_the_key_is_no_petitioner: super::insiders::a_clerk_with_the_key_is_no_petitioner,
    a_clerk_complained_of_keeps_no_key: super::insiders::a_clerk_complained_of_keeps_no_key,
    everybody_tries_everything: super::permissions::everybody_tries_everything,
    delegates_try_everything: super::permissions::delegates_try_everything,
    the_accused_get_nowhere: super::permissions::the_accused_get_nowhere,
    every_list_turns_its_pages: super::pages::every_list_turns_its_pages,
    the_same_submission_twice: super::twice::the_same_submission_twice,
}
