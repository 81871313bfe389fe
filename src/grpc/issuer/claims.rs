//! What a token of an issuer says, and the account that it names (OpenID Connect Core 3.1.3.7, RFC 8725).

use serde_json::{Map, Value};

use super::Options;
use crate::domain::time::Instant;

/// What a token says.
pub(super) type Claims = Map<String, Value>;

/// The login that claims name. The issuer has been found by `iss`, letter by letter; that the claims are signed is for
/// others to see to.
///
/// # Errors
/// Why the token is not taken; says nothing of what stands in it.
pub(super) fn login(claims: &Claims, options: &Options, now: Instant) -> Result<String, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let meant = match claims.get("aud") {
        Some(Value::String(one)) => *one == options.audience,
        Some(Value::Array(some)) => some.iter().any(|one| one.as_str() == Some(&options.audience)),
        _ => false,
    };
    if !meant {
        return Err("it is for another audience");
    }
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 fit for two hundred years")]
    let now = now.timestamp_micros() as f64 / 1e6;
    let skew = f64::from(options.skew_seconds);
    let ends = claims.get("exp").and_then(Value::as_f64).ok_or("it does not say when it ends")?;
    if now >= ends + skew {
        return Err("it has expired");
    }
    if let Some(begins) = claims.get("nbf") {
        let begins = begins.as_f64().ok_or("it does not say well when it begins")?;
        if now < begins - skew {
            return Err("it is not valid yet");
        }
    }
    // A notice that somebody has signed out is signed by the same keys.
    if claims.contains_key("events") {
        return Err("it tells of events and does not name who calls");
    }
    if options.claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err("its address has not been verified");
    }
    match text(&options.claim) {
        Some(named) if !named.is_empty() => Ok(format!("{}{named}", options.login_prefix)),
        _ => Err("the claim that names the account is missing"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_770_000_000;

    fn options(more: &str) -> Options {
        toml::from_str(&format!("issuer = 'https://sso.example'\naudience = 'pakn'\n{more}")).unwrap()
    }

    fn read(more: Value, options: &Options) -> Result<String, &'static str> {
        let mut claims = json!({ "aud": "pakn", "exp": NOW + 300, "sub": "lan", "email": "lan@example.vn" });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        login(claims.as_object().unwrap(), options, Instant::from_timestamp(NOW, 0).unwrap())
    }

    #[test]
    fn clocks_may_differ_by_the_skew_and_no_more() {
        let options = options("skew_seconds = 30");
        for more in [json!({ "exp": NOW - 29 }), json!({ "exp": NOW as f64 - 29.5 }), json!({ "nbf": NOW + 30 })] {
            assert_eq!(read(more.clone(), &options).as_deref(), Ok("lan"), "{more}");
        }
        let never = [json!({ "exp": NOW - 30 }), json!({ "nbf": NOW + 31 }), json!({ "exp": "9999999999" })];
        for more in never.into_iter().chain([json!({ "exp": null }), json!({ "nbf": "0" }), json!({ "nbf": null })]) {
            assert!(read(more.clone(), &options).is_err(), "{more}");
        }
    }

    #[test]
    fn the_audience_is_meant_letter_by_letter() {
        let options = options("");
        assert!(read(json!({ "aud": ["other", "pakn"] }), &options).is_ok());
        for aud in [json!("Pakn"), json!("pakn2"), json!(["other"]), json!([]), json!(null), json!({ "pakn": 1 })] {
            assert!(read(json!({ "aud": aud }), &options).is_err(), "{aud}");
        }
    }

    #[test]
    fn a_claim_names_the_account() {
        let prefixed = options("claim = 'preferred_username'\nlogin_prefix = 'sso.'");
        assert_eq!(read(json!({ "preferred_username": "hoa" }), &prefixed).as_deref(), Ok("sso.hoa"));
        for named in [json!(""), json!(7), json!(["hoa"]), json!(null)] {
            assert!(read(json!({ "preferred_username": named }), &prefixed).is_err(), "{named}");
        }
        let by_mail = options("claim = 'email'");
        assert_eq!(read(json!({ "email_verified": true }), &by_mail).as_deref(), Ok("lan@example.vn"));
        for verified in [json!({}), json!({ "email_verified": false }), json!({ "email_verified": "true" })] {
            assert!(read(verified.clone(), &by_mail).is_err(), "{verified}");
        }
        assert!(read(json!({ "events": {} }), &options("")).is_err());
    }
}
