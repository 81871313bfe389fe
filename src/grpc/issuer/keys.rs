//! The keys that an issuer shows: those that signatures may be verified with, each for one algorithm.

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// Keys without an id that a token without one is tried with.
const TRIED: usize = 8;

/// A key set as it is read (RFC 7517). What we do not know is passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Set {
    keys: Vec<Value>,
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// Those of a set that are for signatures, by an algorithm that is taken.
    pub(super) fn of(set: Set) -> Self {
        let parsed = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Self(parsed.filter_map(|key: Jwk| usable(&key)).collect())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is one by this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// Those that a token may be signed with: the one that it names, or any where it names none.
    pub(super) fn fitting<'k>(
        &'k self,
        id: Option<&'k str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'k DecodingKey> {
        let named = move |key: &&Key| id.is_none() || key.id.as_deref() == id;
        // The key says what it is for; a token does not choose.
        let fits = self.0.iter().filter(named).filter(move |key| key.algorithm == algorithm);
        fits.take(TRIED).map(|key| &key.key)
    }
}

fn usable(jwk: &Jwk) -> Option<Key> {
    let common = &jwk.common;
    let signs = common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    let verifies = common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(point) if point.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let said = common.key_algorithm.is_none_or(|said| said == KeyAlgorithm::from(algorithm));
    let key = DecodingKey::from_jwk(jwk).ok()?;
    (signs && verifies && said).then(|| Key { id: common.key_id.clone(), algorithm, key })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(key: Value) -> usize {
        Keys::of(Set { keys: vec![key] }).len()
    }

    #[test]
    fn only_keys_for_signatures_are_kept() {
        let ed = |more: Value| {
            let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            key
        };
        for more in [json!({}), json!({ "use": "sig", "alg": "EdDSA" }), json!({ "key_ops": ["verify"] })] {
            assert_eq!(kept(ed(more.clone())), 1, "{more}");
        }
        let never = [json!({ "use": "enc" }), json!({ "alg": "RS256" }), json!({ "key_ops": ["sign"] })];
        for more in never.into_iter().chain([json!({ "crv": "X25519" }), json!({ "alg": "HS256" })]) {
            assert_eq!(kept(ed(more.clone())), 0, "{more}");
        }
        assert_eq!(kept(json!({ "kty": "oct", "kid": "a", "k": "c2VjcmV0", "alg": "HS256" })), 0);
        assert_eq!(kept(json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" })), 0);
        assert_eq!(kept(json!("no key")), 0);
    }
}
