//! Letters by e-mail: rendered, sent, and what became of each try.
//!
//! Here: an [`envelope::Envelope`] becomes an [`outgoing::Outgoing`] ([`render`]), which a
//! [`transport::Transport`] delivers, and [`retry`] says when to try again. Not here: which letters are owed
//! and to whom, and any database.

pub mod envelope;
pub mod folder;
pub mod kind;
pub mod notices;
pub mod options;
pub mod outgoing;
pub mod render;
pub mod reply;
pub mod retry;
pub mod sender;
pub mod smtp;
pub mod templates;
pub mod transport;
pub mod worker;
