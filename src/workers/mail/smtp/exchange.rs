//! One letter over a connection: MAIL, RCPT, DATA, the message.

use lettre::{
    address::Envelope,
    transport::smtp::{
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
    },
};
use tokio::time::Instant;

use super::{
    failure::{Failure, is_done, written_out},
    link::{Link, within},
};
use crate::workers::mail::{envelope::Delivery, outgoing::Outgoing, reply::tidy};

impl Link {
    /// MAIL: names the sender. On a connection that was idle, the first to notice that it has died.
    pub(super) async fn begin(&mut self, envelope: &Envelope) -> Result<(), Failure> {
        let mut parameters = Vec::new();
        if !is_ascii(envelope) {
            if !self.offers(Extension::SmtpUtfEight) {
                return Err(Failure::Address("the mail server cannot carry this address (no SMTPUTF8)"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let said = self.command(Mail::new(envelope.from().cloned(), parameters)).await?;
        is_done(&said).then_some(()).ok_or_else(|| Failure::unexpected(&said))
    }

    /// RCPT, DATA and the message. Leaves the connection usable if it is.
    pub(super) async fn send(&mut self, letter: &Outgoing) -> Delivery {
        if let Err(failure) = self.address(letter.envelope()).await {
            self.settle(&failure).await;
            return failure.before_data();
        }
        // From here on the server may have the message, whatever becomes of the line.
        let sent = within(self.data_reply_within, self.connection.message(letter.bytes())).await;
        self.used_at = Instant::now();
        self.letters = self.letters.saturating_add(1);
        let failure = match sent {
            Ok(said) if is_done(&said) => {
                return Delivery::Accepted { reply: tidy(&written_out(&said)) };
            }
            Ok(said) => Failure::unexpected(&said),
            Err(failure) => failure,
        };
        self.usable = !failure.ends_line();
        failure.after_data()
    }

    async fn address(&mut self, envelope: &Envelope) -> Result<(), Failure> {
        for recipient in envelope.to() {
            let said = self.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
            if !is_done(&said) {
                return Err(Failure::unexpected(&said));
            }
        }
        let said = self.command(Data).await?;
        if said.has_code(354) { Ok(()) } else { Err(Failure::unexpected(&said)) }
    }

    fn offers(&self, extension: Extension) -> bool {
        self.connection.server_info().supports_feature(extension)
    }
}

fn is_ascii(envelope: &Envelope) -> bool {
    envelope.from().into_iter().chain(envelope.to()).all(|address| AsRef::<str>::as_ref(address).is_ascii())
}
