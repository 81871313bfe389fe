//! An OpenID Connect issuer for tests: real HTTP on loopback, real keys of every kind, that may be changed, hidden and
//! taken away while it runs. Signs whatever it is told to.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A key with its id.
pub struct Key {
    pub id: String,
    kind: Kind,
}

enum Kind {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// The first or second RSA key of tests, which take long to draw.
    pub fn rsa(id: &str, second: bool) -> Self {
        let pem: &[u8] = if second { include_bytes!("second.pem") } else { include_bytes!("first.pem") };
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        Self { id: id.to_owned(), kind: Kind::Rsa(Box::new(pair)) }
    }

    /// A new one on P-256.
    pub fn p256(id: &str) -> Self {
        let random = SystemRandom::new();
        let drawn = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, drawn.as_ref(), &random).unwrap();
        Self { id: id.to_owned(), kind: Kind::P256(pair) }
    }

    /// A new one on Ed25519.
    pub fn ed25519(id: &str) -> Self {
        let drawn = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { id: id.to_owned(), kind: Kind::Ed25519(Ed25519KeyPair::from_pkcs8(drawn.as_ref()).unwrap()) }
    }

    pub fn algorithm(&self) -> &'static str {
        match self.kind {
            Kind::Rsa(_) => "RS256",
            Kind::P256(_) => "ES256",
            Kind::Ed25519(_) => "EdDSA",
        }
    }

    /// As an issuer shows it.
    pub fn shown(&self) -> Value {
        let mut shown = match &self.kind {
            Kind::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": base64(&public.n), "e": base64(&public.e) })
            }
            Kind::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": base64(&point[1..33]), "y": base64(&point[33..]) })
            }
            Kind::Ed25519(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key().as_ref()) }),
        };
        shown["kid"] = json!(self.id);
        shown["use"] = json!("sig");
        shown["alg"] = json!(self.algorithm());
        shown
    }

    /// The public half as bytes: what a forger would take for a shared secret.
    pub fn public(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Rsa(pair) => pair.public().as_ref().to_vec(),
            Kind::P256(pair) => pair.public_key().as_ref().to_vec(),
            Kind::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    fn signs(&self, message: &[u8]) -> Vec<u8> {
        match &self.kind {
            Kind::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
            Kind::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Kind::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token that says this.
    pub fn token(&self, claims: &Value) -> String {
        self.token_by(&json!({ "typ": "JWT", "alg": self.algorithm(), "kid": self.id }), claims)
    }

    /// The same under a head of one's own.
    pub fn token_by(&self, head: &Value, claims: &Value) -> String {
        let message = unsigned(head, claims);
        let signature = base64(&self.signs(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

/// Head and claims of a token, before it is signed.
pub fn unsigned(head: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(head.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

/// Base64 as tokens have it.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(DIGITS[usize::try_from(bits >> (18 - 6 * place) & 63).unwrap()]));
        }
    }
    text
}

/// What the issuer shows, and how often it was asked.
#[derive(Default)]
struct Shown {
    keys: Mutex<Vec<Value>>,
    says: Mutex<Option<String>>,
    asked: AtomicUsize,
}

/// An issuer that runs.
pub struct IssuerServer {
    pub address: SocketAddr,
    shown: Arc<Shown>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl IssuerServer {
    /// One that shows these keys.
    pub async fn start(keys: &[&Key]) -> Self {
        let shown = Arc::new(Shown::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, shown, serving: Mutex::default() };
        server.shows(keys.iter().map(|key| key.shown()).collect());
        server.serves(listener);
        server
    }

    fn serves(&self, listener: TcpListener) {
        let (shown, url) = (Arc::clone(&self.shown), self.url());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shown), url.clone()));
            }
        });
        *self.serving.lock().unwrap() = Some(serving);
    }

    /// What `iss` is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Shows these keys from now on, and no others.
    pub fn shows(&self, keys: Vec<Value>) {
        *self.shown.keys.lock().unwrap() = keys;
    }

    /// Says from now on that it is another one.
    pub fn says_it_is(&self, issuer: &str) {
        *self.shown.says.lock().unwrap() = Some(issuer.to_owned());
    }

    /// How often its keys were asked for.
    pub fn asked(&self) -> usize {
        self.shown.asked.load(Ordering::SeqCst)
    }

    /// Is away.
    pub fn goes(&self) {
        if let Some(serving) = self.serving.lock().unwrap().take() {
            serving.abort();
        }
    }

    /// Is there again.
    pub async fn comes_back(&self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        self.serves(listener);
    }
}

impl Drop for IssuerServer {
    fn drop(&mut self) {
        self.goes();
    }
}

async fn answer(mut stream: TcpStream, shown: Arc<Shown>, url: String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let body = match head.split(' ').nth(1) {
        Some("/.well-known/openid-configuration") => {
            let says = shown.says.lock().unwrap().clone().unwrap_or_else(|| url.clone());
            json!({ "issuer": says, "jwks_uri": format!("{url}/keys"), "subject_types_supported": ["public"] })
        }
        Some("/keys") => {
            shown.asked.fetch_add(1, Ordering::SeqCst);
            json!({ "keys": *shown.keys.lock().unwrap() })
        }
        _ => Value::Null,
    };
    let (status, body) = if body.is_null() { ("404 Not Found", String::new()) } else { ("200 OK", body.to_string()) };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
