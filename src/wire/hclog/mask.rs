//! Secrets that must not be read in a log, in whatever form they turn up.

use std::{
    borrow::Cow,
    sync::{PoisonError, RwLock},
};

/// What is read instead of a secret.
const STARS: &str = "***";
/// Shorter "secrets" are words that a log is full of; to hide them would hide nothing and ruin the log.
const SHORTEST: usize = 6;
/// Lines of a key are 64 characters; anything this long in a key or a credential file is part of the secret.
const SHORTEST_LINE: usize = 16;

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// From here on `secret` is masked in log lines and panic messages: as it is, as it stands inside a JSON string,
/// and each longer line of it. Saying it twice does no harm.
pub fn mask(secret: &str) {
    let forms = forms(secret);
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    for form in forms {
        if !secrets.contains(&form) {
            secrets.push(form);
        }
    }
    // The whole before its lines: one row of stars rather than many.
    secrets.sort_by_key(|form| std::cmp::Reverse(form.len()));
}

/// `text` with every known secret replaced by stars.
pub fn masked(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    secrets.iter().fold(Cow::Borrowed(text), |text, secret| {
        if text.contains(secret.as_str()) {
            text.replace(secret.as_str(), STARS).into()
        } else {
            text
        }
    })
}

fn forms(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    // A key inside a credential file has its line ends escaped.
    let lines = secret
        .split('\n')
        .flat_map(|line| line.split("\\n"))
        .map(str::trim);
    let parts = lines.filter(|line| line.len() >= SHORTEST_LINE);
    let whole = Some(secret).filter(|secret| secret.len() >= SHORTEST);
    let mut forms: Vec<String> = Vec::new();
    for raw in whole.into_iter().chain(parts) {
        let escaped = escape(raw);
        let twice = escape(&escaped);
        forms.extend([raw.to_owned(), escaped, twice]);
    }
    forms
}

/// As it stands between the quotes of a JSON string.
fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .trim_start_matches('"')
        .strip_suffix('"')
        .unwrap_or(&quoted)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_raw_escaped_and_line_by_line() {
        let first = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let second = "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
        mask(&pem);
        mask(r#"pass"word\x"#);
        for leaky in [
            pem.clone(),
            serde_json::Value::from(pem.clone()).to_string(),
            format!("cannot parse {second}: bad"),
            r#"{"password":"pass\"word\\x"}"#.to_owned(),
            serde_json::Value::from(r#"{"password":"pass\"word\\x"}"#).to_string(),
        ] {
            let shown = masked(&leaky);
            assert!(shown.contains(STARS), "{shown}");
            for part in [first, second, r"word\x", r"word\\x", r"word\\\\x"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn a_credential_file_hides_the_key_inside_it() {
        mask(
            r#"{"type":"service_account","private_key":"-----BEGIN-----\nAAAABBBBCCCCDDDDEEEEFFFF\n-----END-----\n"}"#,
        );
        assert_eq!(masked("key AAAABBBBCCCCDDDDEEEEFFFF"), "key ***");
    }

    #[test]
    fn words_and_other_text_stay() {
        mask("GET");
        mask("");
        assert_eq!(masked("GET /v2/projects"), "GET /v2/projects");
    }
}
