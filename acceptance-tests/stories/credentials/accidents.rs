//! Credentials that are given in the wrong form, or in a file that cannot be read: what is wrong is said, and not a word
//! of them is shown.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::stage::{MINTED, Story};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_key_in_the_wrong_form_is_named_and_never_shown() {
    let story = Story::with(Emulator::start());
    let (document, pem) = key();
    let whole = document.to_string();
    let broken = |breaks: &str| {
        let mut document = document.clone();
        document["private_key"] = pem.replace('\n', breaks).into();
        document.to_string()
    };
    let encoded = STANDARD.encode(&whole);
    let credentials = "GOOGLE_CREDENTIALS";
    let path = "GOOGLE_APPLICATION_CREDENTIALS";
    for (variable, given, words) in [
        (credentials, encoded.clone(), "got JSON in base64"),
        (credentials, encoded[..200].to_owned(), "got JSON in base64"),
        (credentials, pem.clone(), "got a key or certificate in PEM"),
        (credentials, MINTED.to_owned(), "got an access token"),
        (
            credentials,
            whole[..whole.len() / 2].to_owned(),
            "got JSON that is cut",
        ),
        (
            credentials,
            whole.replace("\\n", "\n"),
            "got JSON with line breaks in private_key",
        ),
        (
            credentials,
            broken(""),
            "got none in their places: they were lost",
        ),
        (credentials, broken(" "), "got spaces in their places"),
        (
            path,
            whole.clone(),
            "must be the path of a file with a credential document, got JSON.",
        ),
        (path, encoded.clone(), "got JSON in base64"),
    ] {
        story.apply(&[(variable, &given)]).fails_with(words);
        assert_eq!(story.cloud.lines(), Vec::<String>::new(), "{words}");
    }
    // The same in the configuration, where validation finds it, and in a file, where the first request does.
    story.terraform.write("encoded.json", &encoded);
    story
        .apply(&[(credentials, "encoded.json")])
        .fails_with("got JSON in base64");
    story.terraform.write("spaces.json", &broken(" "));
    story
        .apply(&[(path, "spaces.json")])
        .fails_with("got spaces in their places");
    story.configure("credentials = var.key");
    story.terraform.write(
        "variable.tf",
        "variable \"key\" {\n  type = string\n  sensitive = true\n}\n",
    );
    story
        .apply(&[("TF_VAR_key", &encoded)])
        .fails_with("Unusable credentials");

    let lines = pem.lines().filter(|line| line.len() > 40).map(str::to_owned);
    let bytes = pem.as_bytes()[..40]
        .iter()
        .map(u8::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let parts = encoded
        .as_bytes()
        .chunks(50)
        .map(|part| String::from_utf8_lossy(part).into_owned());
    for secret in lines.chain(parts).chain([bytes, MINTED.to_owned()]) {
        story.nobody_reads(&secret);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_key_whose_line_breaks_were_escaped_twice_is_mended() {
    let story = Story::with(Emulator::start());
    let (document, pem) = key();
    let twice = document.to_string().replace("\\n", "\\\\n");
    story.applies(&[("GOOGLE_CREDENTIALS", &twice)]);
    for line in pem.lines().filter(|line| line.len() > 40) {
        story.nobody_reads(line);
    }
}

/// Each would block, or fill the memory, for whoever opens or reads it to the end.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_file_that_is_no_regular_one_of_a_usual_size_is_refused_at_once() {
    let story = Story::taking(MINTED);
    let folder = story.terraform.folder();
    let pipe = folder.join("pipe.json");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
    assert!(made.success());
    let (pipe, directory) = (pipe.display().to_string(), folder.display().to_string());
    let large = folder.join("large.json");
    fs::write(&large, vec![b'{'; 2 << 20]).expect("the folder takes files");
    for variable in [
        "GOOGLE_CREDENTIALS",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
    ] {
        for (path, words) in [
            (pipe.as_str(), "must be a regular file, got a named pipe"),
            ("/dev/zero", "must be a regular file, got a device"),
            (&directory, "must be a regular file, got a directory"),
            (&large.display().to_string(), "must be at most 1024 KiB, got more"),
        ] {
            story.apply(&[(variable, path)]).fails_with(words).says(path);
        }
    }
    assert_eq!(story.cloud.lines(), Vec::<String>::new());
    // Where gcloud leaves a sign-in there may be a pipe too.
    let gcloud = story.terraform.folder().join("home/.config/gcloud");
    fs::create_dir_all(&gcloud).expect("the home is there");
    let left = gcloud.join("application_default_credentials.json");
    let made = Command::new("mkfifo").arg(&left).status().expect("mkfifo runs");
    assert!(made.success());
    story
        .apply(&[])
        .fails_with("must be a regular file, got a named pipe");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_no_header_can_carry_is_said_at_once() {
    let story = Story::taking(MINTED);
    let token = format!("{MINTED}\nhush");
    let file = story.terraform.folder().join("token");
    fs::write(&file, &token).expect("the folder takes files");
    let file = file.display().to_string();
    let good = ("GOOGLE_OAUTH_ACCESS_TOKEN", MINTED);
    for (variables, words) in [
        (
            vec![("GOOGLE_OAUTH_ACCESS_TOKEN", token.as_str())],
            "got a line break (U+000A) at character",
        ),
        (
            vec![("GOOGLE_OAUTH_ACCESS_TOKEN", file.as_str())],
            "got a line break (U+000A) at character",
        ),
        (
            vec![("GOOGLE_OAUTH_ACCESS_TOKEN", "Bearer hush")],
            "Give it without Bearer",
        ),
        (
            vec![
                good,
                ("USER_PROJECT_OVERRIDE", "1"),
                ("GOOGLE_BILLING_PROJECT", "acme-batch\n"),
            ],
            "GOOGLE_BILLING_PROJECT must be the id of a Google Cloud project",
        ),
        (
            vec![good, ("GOOGLE_CLOUD_QUOTA_PROJECT", "äcme")],
            "Invalid billing project",
        ),
    ] {
        story.apply(&variables).fails_with(words);
        assert_eq!(story.cloud.lines(), Vec::<String>::new(), "{words}");
    }
    // The line break at the end of a file is none of the token.
    fs::write(&file, format!("{MINTED}\r\n")).expect("the folder takes files");
    story.applies(&[("GOOGLE_OAUTH_ACCESS_TOKEN", &file)]);
    story.configure("billing_project = \"acme\\tbatch\"");
    story.apply(&[]).fails_with("Invalid billing project");
    story.configure("access_token = var.token");
    story.terraform.write(
        "variable.tf",
        "variable \"token\" {\n  type = string\n  sensitive = true\n}\n",
    );
    story
        .apply(&[("TF_VAR_token", &token)])
        .fails_with("Invalid access token");
    story.nobody_reads(MINTED);
}

/// The key of the tests: the document, and the private key in it.
fn key() -> (Value, String) {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/cloudrun/testdata/service-account.json"
    );
    let text = fs::read_to_string(file).expect("the key of the tests");
    let text = text.replace("TOKEN_URI", "https://oauth2.googleapis.com/token");
    let document: Value = serde_json::from_str(&text).expect("a key is JSON");
    let pem = document["private_key"]
        .as_str()
        .expect("a key has one")
        .to_owned();
    (document, pem)
}
