//! The options that every command shares: which server, as whom, how to print. Opens nothing by itself.

use std::{convert::Infallible, fs, path::PathBuf, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::{Certificate, ClientTlsConfig, Endpoint},
};

use super::{
    failure::Failure,
    instant::Zone,
    output::{Format, Output},
    profile::Profile,
    session::Session,
};

const DEFAULT_SERVER: &str = "http://127.0.0.1:50051";

/// Which server to ask, and how to show what it says.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// URL of the server [default: the profile's, else http://127.0.0.1:50051]
    #[arg(long, global = true, env = "PAKN_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Bearer token [default: the profile's]; rather set the variable, other users can see command lines
    #[arg(long, global = true, env = "PAKN_TOKEN", hide_env_values = true, value_name = "TOKEN", value_parser = secret)]
    token: Option<SecretString>,
    /// Takes server and token from [NAME] in ~/.config/pakn/profiles.toml, where no flag or variable gives them
    #[arg(long, global = true, env = "PAKN_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    /// PEM certificates to trust instead of the public authorities
    #[arg(long, global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Seconds to wait for an answer
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// How to print data
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Shows times in tables in UTC instead of Vietnamese time
    #[arg(long, global = true)]
    utc: bool,
}

fn secret(given: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(given))
}

impl Connection {
    /// A session with the server; connects at the first call.
    pub fn session(self) -> Result<Session, Failure> {
        let profile = match &self.profile {
            Some(name) => Profile::named(name)?,
            None => Profile::default(),
        };
        let output = Output { format: self.format, zone: Zone::new(self.utc) };
        let timeout = Duration::from_secs(self.timeout);
        let (server, token) = self.choose(profile);
        let endpoint = self.endpoint(&server, timeout)?;
        let token = token.as_ref().map(bearer).transpose()?;
        Ok(Session::new(&endpoint, server, token, timeout, output))
    }

    /// A flag or a variable wins over the profile, the profile over the default. An empty one is none.
    fn choose(&self, profile: Profile) -> (String, Option<SecretString>) {
        let given = self.server.clone().filter(|server| !server.is_empty());
        let server = given.or(profile.server);
        let given = self.token.clone().filter(|token| !token.expose_secret().is_empty());
        let token = given.or(profile.token);
        (server.unwrap_or_else(|| DEFAULT_SERVER.to_owned()), token)
    }

    fn endpoint(&self, server: &str, timeout: Duration) -> Result<Endpoint, Failure> {
        let wrong = |problem: &str| Failure::usage(format!("--server {server}: {problem}"));
        let endpoint = Endpoint::from_shared(server.to_owned())
            .map_err(|_| wrong("expected a URL such as https://pakn.example:443"))?
            .connect_timeout(timeout);
        match endpoint.uri().scheme_str() {
            Some("http") if self.ca.is_some() => Err(wrong("--ca is for https")),
            Some("http") => Ok(endpoint),
            Some("https") => endpoint.tls_config(self.tls()?).map_err(|error| wrong(&error.to_string())),
            _ => Err(wrong("expected http:// or https://")),
        }
    }

    fn tls(&self) -> Result<ClientTlsConfig, Failure> {
        let Some(file) = &self.ca else {
            return Ok(ClientTlsConfig::new().with_webpki_roots());
        };
        let pem = fs::read(file).map_err(|error| Failure::usage(format!("--ca {}: {error}", file.display())))?;
        Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
    }
}

/// The header's value, which logs and errors never show.
fn bearer(token: &SecretString) -> Result<MetadataValue<Ascii>, Failure> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.expose_secret().trim())
        .parse()
        .map_err(|_| Failure::usage("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(server: Option<&str>, token: Option<&str>) -> Connection {
        Connection {
            server: server.map(str::to_owned),
            token: token.map(SecretString::from),
            profile: None,
            ca: None,
            timeout: 1,
            format: Format::Table,
            utc: false,
        }
    }

    fn profile() -> Profile {
        Profile { server: Some("http://profile".to_owned()), token: Some(SecretString::from("profile")) }
    }

    fn chosen(connection: Connection, profile: Profile) -> (String, Option<String>) {
        let (server, token) = connection.choose(profile);
        (server, token.map(|token| token.expose_secret().to_owned()))
    }

    #[test]
    fn what_is_given_wins_over_the_profile_and_the_profile_over_the_default() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            chosen(given(Some("http://flag"), Some("flag")), profile()),
            ("http://flag".to_owned(), text("flag"))
        );
        assert_eq!(chosen(given(Some("http://flag"), None), profile()), ("http://flag".to_owned(), text("profile")));
        assert_eq!(chosen(given(None, Some("")), profile()), ("http://profile".to_owned(), text("profile")));
        assert_eq!(chosen(given(None, None), Profile::default()), (DEFAULT_SERVER.to_owned(), None));
    }

    #[test]
    fn a_token_is_never_shown() {
        let connection = given(None, Some("hunter2"));
        assert!(!format!("{connection:?}").contains("hunter2"));
        let error = bearer(&SecretString::from("hunter2\n2")).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_server_is_a_url() {
        let endpoint = |server| given(None, None).endpoint(server, Duration::from_secs(1));
        assert!(endpoint("http://127.0.0.1:50051").is_ok());
        assert_eq!(endpoint("pakn.example:443").unwrap_err().exit(), 2);
        assert_eq!(endpoint("ftp://x").unwrap_err().exit(), 2);
    }
}
