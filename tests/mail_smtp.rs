//! Delivery by SMTP, against a server that misbehaves: what each failure makes of a letter.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod smtp_server;

use std::time::Duration;

use chrono::DateTime;
use pakn::workers::mail::{
    envelope::{Delivery, Envelope, Language},
    kind::Kind,
    options::{Options, Route},
    outgoing::Outgoing,
    render,
    sender::Sender,
    templates::{self, Templates},
    transport::Transport,
};
use smtp_server::{Act, Behaviour, SmtpServer, Step, tls};
use uuid::Uuid;

const RECIPIENT: &str = "lan@example.vn";

fn options(server: &SmtpServer, more: &str) -> Options {
    let port = server.addr.port();
    toml::from_str(&format!(
        "from = 'pakn@mic.gov.vn'\nmessage_id_domain = 'mic.gov.vn'\n[transport]\nkind = 'smtp'\n\
         host = '127.0.0.1'\nport = {port}\ntimeout_seconds = 1\ndata_timeout_seconds = 1\n\
         helo = 'pakn.mic.gov.vn'\n{more}"
    ))
    .unwrap()
}

fn transport(server: &SmtpServer, more: &str) -> Transport {
    Transport::open(&options(server, more).transport).unwrap()
}

fn plain(server: &SmtpServer) -> Transport {
    transport(server, "security = 'none'")
}

fn letter_to(to: &str, number: u128) -> Outgoing {
    let options: Options = toml::from_str(
        "from = 'pakn@mic.gov.vn'\nmessage_id_domain = 'mic.gov.vn'\n\
         transport = { kind = 'folder', path = '.' }",
    )
    .unwrap();
    let envelope = Envelope {
        letter_id: Uuid::from_u128(number),
        to_email: to.to_owned(),
        ..templates::sample(Kind::Answer, Language::Vi)
    };
    let sender = Sender::parse(&options).unwrap();
    let templates = Templates::new().unwrap();
    render::render(&templates, &sender, &envelope, DateTime::UNIX_EPOCH).unwrap()
}

fn letter() -> Outgoing {
    letter_to(RECIPIENT, 1)
}

#[track_caller]
fn is_deferred(delivery: &Delivery, words: &str) {
    assert!(matches!(delivery, Delivery::Deferred { reply } if reply.contains(words)), "{delivery:?}");
}

#[track_caller]
fn is_rejected(delivery: &Delivery, words: &str) {
    assert!(matches!(delivery, Delivery::Rejected { reply } if reply.contains(words)), "{delivery:?}");
}

#[track_caller]
fn is_unknown(delivery: &Delivery) {
    assert!(matches!(delivery, Delivery::Unknown { .. }), "{delivery:?}");
}

#[track_caller]
fn is_accepted(delivery: &Delivery) {
    assert!(matches!(delivery, Delivery::Accepted { reply } if reply.starts_with("250 ")), "{delivery:?}");
}

/// One letter to a server that behaves so.
async fn try_with(behaviour: Behaviour) -> Delivery {
    let server = SmtpServer::start(behaviour).await;
    plain(&server).deliver(&letter()).await
}

#[tokio::test]
async fn a_letter_arrives_byte_for_byte() {
    let server = SmtpServer::start(Behaviour::accepting()).await;
    let letter = letter();
    is_accepted(&plain(&server).deliver(&letter).await);
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].from, "pakn@mic.gov.vn");
    assert_eq!(received[0].to, [RECIPIENT]);
    // SMTP ends the message with a line end of its own.
    assert_eq!(received[0].data.trim_ascii_end(), letter.bytes().trim_ascii_end());
}

#[tokio::test]
async fn no_server_defers() {
    is_deferred(&try_with(Behaviour::refusing()).await, "refused");
}

#[tokio::test]
async fn whatever_goes_wrong_before_mail_defers() {
    for (step, act, words) in [
        (Step::Greeting, Act::reply("421 4.3.2 Busy"), "421"),
        (Step::Greeting, Act::reply("554 5.7.1 Not you"), "554"),
        (Step::Greeting, Act::reply("What do you want?"), "error"),
        (Step::Greeting, Act::Close, "incomplete"),
        (Step::Greeting, Act::Hang, "within 1 s"),
        (Step::Greeting, Act::Wait(Duration::from_secs(3)), "within 1 s"),
        (Step::Ehlo, Act::reply("550 5.7.1 Bad name"), "550"),
        (Step::Ehlo, Act::Hang, "within 1 s"),
    ] {
        let delivery = try_with(Behaviour::accepting().at(step, act)).await;
        is_deferred(&delivery, words);
    }
}

#[tokio::test]
async fn before_the_data_4xx_and_broken_lines_defer_and_5xx_rejects() {
    for step in [Step::Mail, Step::Rcpt, Step::Data] {
        for (act, words) in [
            (Act::reply("450 4.2.0 Greylisted"), "450 4.2.0 Greylisted"),
            (Act::reply("451-4.3.0 Try\n451 4.3.0 later"), "later"),
            (Act::ReplyAndClose("421 4.3.2 Closing".to_owned()), "421"),
            (Act::reply("535 5.7.8 Login first"), "535"),
            (Act::reply("gibberish"), "error"),
            (Act::Close, "incomplete"),
            (Act::Hang, "within 1 s"),
        ] {
            let delivery = try_with(Behaviour::accepting().at(step, act)).await;
            is_deferred(&delivery, words);
        }
        let act = Act::reply("550-5.1.1 <lan@example.vn>\n550 5.1.1 lan@example.vn is unknown");
        let delivery = try_with(Behaviour::accepting().at(step, act)).await;
        is_rejected(&delivery, "550 5.1.1 <address> <address> is unknown");
    }
    // A yes that is not the yes to DATA is none.
    let act = Act::reply("250 2.0.0 Ok");
    is_deferred(&try_with(Behaviour::accepting().at(Step::Data, act)).await, "unexpected");
}

#[tokio::test]
async fn after_the_data_only_a_clear_reply_settles() {
    for (step, act) in [
        (Step::Dot, Act::Close),
        (Step::Dot, Act::Hang),
        (Step::Dot, Act::reply("gibberish")),
        (Step::Dot, Act::reply("354 Go on")),
        (Step::FirstLine, Act::Close),
        (Step::FirstLine, Act::Hang),
    ] {
        is_unknown(&try_with(Behaviour::accepting().at(step, act)).await);
    }
    let after = |text: &str| Behaviour::accepting().at(Step::Dot, Act::reply(text));
    is_deferred(&try_with(after("452 4.3.1 Disk full")).await, "452");
    is_deferred(&try_with(after("421 4.3.2 Closing")).await, "421");
    is_rejected(&try_with(after("554 5.6.0 Spam")).await, "554 5.6.0 Spam");
}

#[tokio::test]
async fn replies_may_dribble_and_have_many_lines() {
    let server = SmtpServer::start(
        Behaviour::accepting()
            .slowly()
            .at(Step::Greeting, Act::reply("220-hello\n220-there\n220 test"))
            .at(Step::Dot, Act::reply("250-2.0.0 taken\n250 2.0.0 as 17")),
    )
    .await;
    let delivery = plain(&server).deliver(&letter()).await;
    assert_eq!(delivery.reply(), "250 2.0.0 taken 2.0.0 as 17");
    is_accepted(&delivery);
}

#[tokio::test]
async fn a_bad_address_blocks_nobody() {
    let no = Act::reply("550 5.1.1 Unknown");
    let server = SmtpServer::start(Behaviour::accepting().at_words(Step::Rcpt, "bad@", no)).await;
    let transport = plain(&server);
    is_rejected(&transport.deliver(&letter_to("bad@example.vn", 1)).await, "550");
    is_accepted(&transport.deliver(&letter_to("good@example.vn", 2)).await);
    let address = "người@example.vn";
    is_rejected(&transport.deliver(&letter_to(address, 3)).await, "SMTPUTF8");
    is_accepted(&transport.deliver(&letter_to("fine@example.vn", 4)).await);
    assert_eq!(server.connections(), 1);
    let to: Vec<_> = server.received().into_iter().flat_map(|r| r.to).collect();
    assert_eq!(to, ["good@example.vn", "fine@example.vn"]);
}

#[tokio::test]
async fn one_connection_serves_many_letters_up_to_its_limit() {
    let server = SmtpServer::start(Behaviour::accepting()).await;
    let transport = transport(&server, "security = 'none'\nletters_a_connection = 2");
    for number in 1..=5 {
        is_accepted(&transport.deliver(&letter_to(RECIPIENT, number)).await);
    }
    assert_eq!((server.received().len(), server.connections()), (5, 3));
    transport.rest().await;
    let quits = server.commands().iter().filter(|c| *c == "QUIT").count();
    assert_eq!(quits, 3);
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_made_anew_once() {
    let server = SmtpServer::start(Behaviour::accepting().letters_a_connection(1)).await;
    let transport = plain(&server);
    for number in 1..=3 {
        is_accepted(&transport.deliver(&letter_to(RECIPIENT, number)).await);
    }
    assert_eq!((server.received().len(), server.connections()), (3, 3));

    // Likewise when it says why.
    server.behave(Behaviour::accepting());
    is_accepted(&transport.deliver(&letter_to(RECIPIENT, 4)).await);
    let farewell = Act::ReplyAndClose("421 4.4.2 Idle too long".to_owned());
    server.behave(Behaviour::accepting().at_first(1, Step::Mail, farewell));
    is_accepted(&transport.deliver(&letter_to(RECIPIENT, 5)).await);

    // But once only.
    server.behave(Behaviour::accepting().at(Step::Mail, Act::Close));
    let before = server.connections();
    is_deferred(&transport.deliver(&letter_to(RECIPIENT, 6)).await, "incomplete");
    assert_eq!(server.connections(), before + 1);
}

#[tokio::test]
async fn a_letter_whose_line_broke_after_the_data_is_not_sent_twice() {
    let server = SmtpServer::start(Behaviour::accepting()).await;
    let transport = plain(&server);
    is_accepted(&transport.deliver(&letter_to(RECIPIENT, 1)).await);
    server.behave(Behaviour::accepting().at(Step::Dot, Act::Close));
    is_unknown(&transport.deliver(&letter_to(RECIPIENT, 2)).await);
    let data = server.commands().iter().filter(|c| *c == "DATA").count();
    assert_eq!(data, 2);
}

#[tokio::test]
async fn starttls_and_login_work_and_nothing_is_sent_without_them() {
    let authority = tls::authority(&["127.0.0.1"]);
    let server =
        SmtpServer::start(Behaviour::accepting().starttls(authority.acceptor.clone()).login("pakn", "mật khẩu")).await;
    let ca = format!("ca_file = '{}'", authority.ca_file.display());
    let login = "username = 'pakn'\npassword = 'mật khẩu'";
    is_accepted(&transport(&server, &format!("{ca}\n{login}")).deliver(&letter()).await);
    assert!(server.received()[0].encrypted);

    let wrong = "username = 'pakn'\npassword = 'sai'";
    let delivery = transport(&server, &format!("{ca}\n{wrong}")).deliver(&letter()).await;
    is_deferred(&delivery, "535");
    is_deferred(&transport(&server, &ca).deliver(&letter()).await, "530");
    // Nobody vouches for the certificate.
    is_deferred(&transport(&server, login).deliver(&letter()).await, "certificate");
    let other = tls::authority(&["mail.example.vn"]);
    let ca = format!("ca_file = '{}'", other.ca_file.display());
    is_deferred(&transport(&server, &ca).deliver(&letter()).await, "certificate");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn tls_from_the_first_byte_works() {
    let authority = tls::authority(&["127.0.0.1"]);
    let server = SmtpServer::start(Behaviour::accepting().implicit_tls(authority.acceptor)).await;
    let more = format!("security = 'tls'\nca_file = '{}'", authority.ca_file.display());
    is_accepted(&transport(&server, &more).deliver(&letter()).await);
    assert!(server.received()[0].encrypted);
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_letter() {
    let server = SmtpServer::start(Behaviour::accepting()).await;
    is_deferred(&transport(&server, "").deliver(&letter()).await, "STARTTLS");
    assert!(!server.commands().iter().any(|c| c.starts_with("MAIL")));
}

#[tokio::test]
async fn settings_that_would_show_a_password_are_refused() {
    let open = |transport: &str| {
        let options: Options = toml::from_str(&format!(
            "from = 'a@b.vn'\nmessage_id_domain = 'b.vn'\n[transport]\nkind = 'smtp'\n{transport}"
        ))
        .unwrap();
        assert!(matches!(options.transport, Route::Smtp(_)));
        Transport::open(&options.transport).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let login = "username = 'u'\npassword = 'p'";
    assert!(open(&format!("host = 'b.vn'\nsecurity = 'none'\n{login}")).contains("unprotected"));
    assert_eq!(open(&format!("host = '127.0.0.1'\nsecurity = 'none'\n{login}")), "");
    assert!(open("host = 'b.vn'\nusername = 'u'").contains("together"));
    assert!(open("host = 'b.vn'\nca_file = '/nowhere'").contains("/nowhere"));
    assert!(open("host = 'b.vn'\nhelo = 'a b'").contains("helo"));
}

#[tokio::test]
async fn letters_may_go_out_side_by_side() {
    let server = SmtpServer::start(Behaviour::accepting().slowly()).await;
    let transport = plain(&server);
    let letters: Vec<_> = (1..=6).map(|n| letter_to(RECIPIENT, n)).collect();
    let sent = futures::future::join_all(letters.iter().map(|l| transport.deliver(l))).await;
    sent.iter().for_each(is_accepted);
    assert_eq!(server.received().len(), 6);
    transport.rest().await;
}
