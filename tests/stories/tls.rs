//! TLS: the face shows its certificate, clients that trust the authority get through, and half a configuration
//! opens nothing.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use pakn::{
    domain::text::hex,
    grpc::{self, Options},
    pb::{self, intake_service_client::IntakeServiceClient},
};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use sha2::Digest as _;
use tempfile::TempDir;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Error, Identity};

use super::faces::{Face, refused};
use crate::{
    on_both,
    world::{Person, World, feedback},
};

/// An authority, and files of a certificate that it signed for 127.0.0.1.
pub struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "An authority of tests");
        let key = KeyPair::generate().unwrap();
        let certificate = authority.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        let authority = Self { folder, issuer: Issuer::new(authority, key) };
        authority.signs("tls", "127.0.0.1");
        authority
    }

    fn signs(&self, file: &str, name: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.file(&format!("{file}.crt")), certificate.pem()).unwrap();
        std::fs::write(self.file(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }

    /// A certificate for a client, with its key and its fingerprint.
    pub fn signs_for_client(&self, common: &str, names: &[&str]) -> (Identity, String) {
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.distinguished_name.push(DnType::CommonName, common);
        wanted.subject_alt_names = names
            .iter()
            .map(|name| match name {
                uri if uri.contains("://") => SanType::URI((*uri).try_into().unwrap()),
                address if address.contains('@') => SanType::Rfc822Name((*address).try_into().unwrap()),
                host => SanType::DnsName((*host).try_into().unwrap()),
            })
            .collect();
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = wanted.signed_by(&key, &self.issuer).unwrap();
        let digest = sha2::Sha256::digest(certificate.der());
        (Identity::from_pem(certificate.pem(), key.serialize_pem()), hex(&digest))
    }

    /// Trusts this authority, as a client.
    pub fn trusted(&self) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(std::fs::read(self.file("ca.pem")).unwrap()))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn options(&self) -> Options {
        Options {
            tls_certificate: Some(self.file("tls.crt")),
            tls_key: Some(self.file("tls.key")),
            ..Options::default()
        }
    }

    /// Connects, trusting this authority and no other.
    async fn connects(&self, face: &Face) -> Result<Channel, Error> {
        let endpoint = Endpoint::from_shared(format!("https://{}", face.address)).unwrap();
        endpoint.tls_config(self.trusted()).unwrap().connect().await
    }
}

/// Runs the program until it ends, which it must do soon.
fn runs(command: &mut Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// The admin client, against a face.
fn lists(who: &Person<'_>, face: &Face, home: &Path, ca: &Path) -> Output {
    let token = who.ask(()).metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pakn"));
    command
        .args(["petition", "list", "--format", "json", "--ca"])
        .arg(ca)
        .env("PAKN_SERVER", format!("https://{}", face.address))
        .env("PAKN_TOKEN", token.trim_start_matches("Bearer "))
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home);
    tokio::task::block_in_place(|| runs(&mut command))
}

on_both! {
    async fn clients_that_trust_the_authority_get_through(world: World) {
        let authority = Authority::new();
        let face = Face::open(&world.app, authority.options()).await;
        let mut intake = IntakeServiceClient::new(authority.connects(&face).await.unwrap());
        let citizen = world.citizen();
        let submitted = intake.submit_petition(citizen.ask(feedback())).await.unwrap().into_inner();
        assert_eq!(world.dispatcher().reads(&submitted.code).await.unwrap().content, feedback().content);
        let track = pb::TrackPetitionRequest { code: submitted.code.clone(), proof: None };
        assert_eq!(intake.track_petition(citizen.ask(track)).await.unwrap().into_inner().code, submitted.code);
        // The admin client likewise.
        let home = tempfile::tempdir().unwrap();
        let listed = lists(&world.dispatcher(), &face, home.path(), &authority.file("ca.pem"));
        assert!(String::from_utf8_lossy(&listed.stdout).contains(&submitted.code), "{listed:?}");
    }

    /// Who trusts another authority, or speaks without TLS, does not; nor does one who wants another name.
    async fn others_do_not(world: World) {
        let (authority, another) = (Authority::new(), Authority::new());
        let face = Face::open(&world.app, authority.options()).await;
        another.connects(&face).await.unwrap_err();
        let home = tempfile::tempdir().unwrap();
        let listed = lists(&world.dispatcher(), &face, home.path(), &another.file("ca.pem"));
        assert!(!listed.status.success() && listed.stdout.is_empty(), "{listed:?}");
        let plain = Endpoint::from_shared(format!("http://{}", face.address)).unwrap().connect_lazy();
        let submitting = async { IntakeServiceClient::new(plain).submit_petition(world.citizen().ask(feedback())).await };
        tokio::time::timeout(Duration::from_secs(5), submitting).await.expect("it is told").unwrap_err();
        authority.signs("elsewhere", "pakn.example");
        let elsewhere = Options {
            tls_certificate: Some(authority.file("elsewhere.crt")),
            tls_key: Some(authority.file("elsewhere.key")),
            ..Options::default()
        };
        let face = Face::open(&world.app, elsewhere).await;
        authority.connects(&face).await.unwrap_err();
        authority.connects(&Face::open(&world.app, authority.options()).await).await.unwrap();
    }
}

/// Better closed than open without TLS.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_configuration_opens_nothing() {
    let world = World::on_sqlite().await;
    let authority = Authority::new();
    let (certificate, key) = (authority.options().tls_certificate, authority.options().tls_key);
    for (tls_certificate, tls_key) in [(certificate.clone(), None), (None, key.clone())] {
        let error = refused(&world.app, Options { tls_certificate, tls_key, ..Options::default() }).await;
        assert_eq!(error.to_string(), "grpc.tls_certificate and grpc.tls_key go together");
    }
    let missing = authority.file("mislaid.key");
    let error = refused(&world.app, Options { tls_key: Some(missing.clone()), ..authority.options() }).await;
    assert_eq!(error.to_string(), format!("cannot read {}", missing.display()));
    // Each file in the other's place, and the key of another certificate.
    let error = refused(&world.app, Options { tls_certificate: key, tls_key: certificate, ..Options::default() }).await;
    assert!(matches!(error, grpc::Error::Transport(_)), "{error:?}");
    authority.signs("another", "127.0.0.1");
    let error =
        refused(&world.app, Options { tls_key: Some(authority.file("another.key")), ..authority.options() }).await;
    assert!(matches!(error, grpc::Error::Transport(_)), "{error:?}");
}

/// The same as whoever installs it sees it.
#[test]
fn half_a_configuration_is_told() {
    let authority = Authority::new();
    let data = tempfile::tempdir().unwrap();
    let serve = |name: &str, file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pakn"));
        command.args(["serve", "--migrate", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PAKN_")) {
            command.env_remove(name);
        }
        runs(command.env(name, authority.file(file)))
    };
    for (name, file) in [("PAKN_GRPC__TLS_CERTIFICATE", "tls.crt"), ("PAKN_GRPC__TLS_KEY", "tls.key")] {
        let ended = serve(name, file);
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(
            !ended.status.success() && told.contains("grpc.tls_certificate and grpc.tls_key go together"),
            "{told}"
        );
    }
}
