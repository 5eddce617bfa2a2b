use super::*;

fn redactor(secrets: &[&str]) -> Redactor {
    let redactor = Redactor::default();
    secrets.iter().for_each(|secret| redactor.add(secret));
    redactor
}

#[test]
fn secret_is_redacted_raw_escaped_and_by_line() {
    let first = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    let second = "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
    let redactor = redactor(&[&pem, r#"pass"word\x"#]);
    for leaky in [
        pem.clone(),
        serde_json::Value::from(pem.clone()).to_string(),
        format!("cannot parse {second}: bad"),
        r#"{"password":"pass\"word\\x"}"#.to_owned(),
        serde_json::Value::from(r#"{"password":"pass\"word\\x"}"#).to_string(),
    ] {
        let shown = redactor.redact(&leaky);
        assert!(shown.contains(REPLACEMENT), "{shown}");
        for part in [first, second, r"word\x", r"word\\x", r"word\\\\x"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

#[test]
fn secret_with_other_line_ends_is_redacted() {
    // Its last line is too short to be redacted alone.
    let key = "-----BEGIN-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\nshort=\n-----END-----";
    let windows = key.replace('\n', "\r\n");
    for (secret, quoted) in [(key, windows.as_str()), (&windows, key), (&windows, &windows)] {
        let redactor = redactor(&[secret]);
        assert_eq!(redactor.redact(&format!("got\r\n{quoted}\r\n.")), "got\r\n***\n.");
        let json = serde_json::Value::from(quoted).to_string();
        assert_eq!(redactor.redact(&json), "\"***\"");
    }
}

#[test]
fn key_in_a_credential_file_is_redacted() {
    let redactor = redactor(&[
        r#"{"type":"service_account","private_key":"-----BEGIN-----\nAAAABBBBCCCCDDDDEEEEFFFF\n-----END-----\n"}"#,
    ]);
    assert_eq!(redactor.redact("key AAAABBBBCCCCDDDDEEEEFFFF"), "key ***");
}

#[test]
fn secret_is_redacted_in_every_encoding() {
    let secret = "1//0aBc+dEf/gHi=_jK.lMn~oPq";
    let redactor = redactor(&[secret]);
    let html = |text: &str| {
        text.replace('+', "&#43;")
            .replace('/', "&#x2F;")
            .replace('=', "&equals;")
    };
    let percent = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let query = form(secret);
    let in_json = format!("{{\"refresh_token\": \"{}\"}}", secret.replace('/', "\\/"));
    let mut quotes = vec![
        secret.to_owned(),
        query.clone(),
        form(&query),
        percent(secret),
        html(secret),
        html(&query),
        in_json.clone(),
        serde_json::Value::from(in_json.clone()).to_string(),
        format!("{in_json:?}"),
    ];
    // Bodies in base64, as some gateways show them.
    for body in [
        secret.to_owned(),
        format!("grant_type=refresh_token&refresh_token={query}&client_id=c"),
        serde_json::json!({ "a": secret }).to_string(),
    ] {
        for before in 0..3 {
            let body = "x".repeat(before) + &body;
            quotes.extend([STANDARD_NO_PAD.encode(&body), URL_SAFE_NO_PAD.encode(&body)]);
            quotes.push(html(&STANDARD_NO_PAD.encode(&body)));
        }
    }
    let all: Vec<char> = secret.chars().collect();
    for quote in quotes {
        let shown = redactor.redact(&quote);
        assert!(shown.contains(REPLACEMENT), "{quote}: {shown}");
        let layers = std::iter::successors(Some(Layer::of(&shown)), Layer::unescaped);
        let left = layers.last().map(|layer| layer.bytes).unwrap_or_default();
        let left = String::from_utf8_lossy(&left);
        for part in all.windows(8) {
            let part: String = part.iter().collect();
            assert!(!left.contains(&part), "{quote}: {shown}");
        }
    }
}

#[test]
fn truncated_token_is_redacted() {
    let redactor = redactor(&["ya29.AbCdEfGhIjKlMnOpQrStUvWxYz"]);
    assert_eq!(redactor.redact("bearer ya29.AbCdEfGhIjKl"), "bearer ***");
    assert_eq!(
        redactor.redact("bearer ya29.AbCdEfGhIjK... and"),
        "bearer ***... and"
    );
    assert_eq!(redactor.redact("bearer ya29.AbCdEf"), "bearer ya29.AbCdEf");
}

#[test]
fn overlapping_secrets_get_one_replacement() {
    let redactor = redactor(&["overlap-one-two", "one-two-overlap"]);
    assert_eq!(
        redactor.redact("ä overlap-one-two-overlap ä overlap-one-two ä"),
        "ä *** ä *** ä"
    );
}

#[test]
fn key_boundaries_are_not_secret() {
    let redactor = redactor(&[
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\n-----END PRIVATE KEY-----",
    ]);
    let words = "it must begin with -----BEGIN PRIVATE KEY-----";
    assert_eq!(redactor.redact(words), words);
}

#[test]
fn short_words_are_not_redacted() {
    let redactor = redactor(&["GET", ""]);
    assert_eq!(redactor.redact("GET /v2/projects"), "GET /v2/projects");
}

#[test]
fn clones_share_secrets() {
    let redactor = Redactor::default();
    redactor.clone().add("ya29.of-the-clone");
    assert_eq!(redactor.redact("Bearer ya29.of-the-clone"), "Bearer ***");
}
