//! Creations are noted before they are sent, and found again only where they belong.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

fn job(id: &str) -> JobName {
    JobName::new("p", "us-central1", id)
}

/// The journal of a provider that serves a Terraform of its own.
fn journal(folder: &Path) -> Journal {
    of_another_terraform(Journal::beside(folder.to_owned(), None))
}

fn of_another_terraform(journal: Journal) -> Journal {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let terraform = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
    Journal { terraform, ..journal }
}

#[test]
fn a_creation_keeps_its_id_until_a_state_has_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let first = journal(folder.path()).begin(&job("a"));
    assert!(!first.begun_before);
    // Another process, and another job.
    let second = journal(folder.path()).begin(&job("a"));
    assert!(second.begun_before);
    assert_eq!(second.id, first.id);
    assert!(!journal(folder.path()).begin(&job("b")).begun_before);

    journal(folder.path()).end(&job("a"));
    let third = journal(folder.path()).begin(&job("a"));
    assert!(!third.begun_before && third.id != first.id);
    assert!(journal(folder.path()).begin(&job("b")).begun_before);
}

#[test]
fn a_note_of_the_same_apply_is_no_earlier_try() {
    let folder = tempfile::tempdir().unwrap();
    let one = journal(folder.path());
    let first = one.begin(&job("a"));
    // Another resource, of the same provider block or of another one.
    for _ in 0..2 {
        let second = one.clone().begin(&job("a"));
        assert!(!second.begun_before && second.id != first.id);
    }
    // The next apply goes on with what was noted first.
    assert_eq!(journal(folder.path()).begin(&job("a")).id, first.id);
}

#[test]
fn what_terraform_has_heard_of_is_forgotten_when_it_leaves_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let one = journal(folder.path());
    one.begin(&job("a"));
    one.begin(&job("b"));
    one.clone().answered(&job("a"));
    one.close();
    assert!(!journal(folder.path()).begin(&job("a")).begun_before);
    assert!(
        journal(folder.path()).begin(&job("b")).begun_before,
        "its answer was still out"
    );
}

/// Whether there are notes is looked up once, and a process may write some after that.
#[test]
fn what_a_process_has_noted_itself_is_ended_although_there_was_nothing_before() {
    let folder = tempfile::tempdir().unwrap();
    let one = journal(folder.path());
    one.end(&job("a"));
    one.clone().begin(&job("a"));
    one.end(&job("a"));
    assert!(!journal(folder.path()).begin(&job("a")).begun_before);
}

/// Whoever was killed while it wrote had not sent the request.
#[test]
fn a_torn_note_is_none_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).begin(&job("a"));
    let files = || -> Vec<_> {
        let notes = fs::read_dir(folder.path().join("facets-gpu/creations")).unwrap();
        notes.map(|note| note.unwrap().path()).collect()
    };
    let [note] = files().try_into().expect("one file for one note");
    let whole = fs::read(&note).unwrap();
    for torn in [&[][..], &whole[..whole.len() / 2]] {
        fs::write(&note, torn).unwrap();
        let creation = journal(folder.path()).begin(&job("a"));
        assert!(!creation.begun_before);
        assert_eq!(files(), std::slice::from_ref(&note));
        assert_eq!(journal(folder.path()).begin(&job("a")).id, creation.id);
    }
    journal(folder.path()).end(&job("a"));
    assert!(files().is_empty(), "{:?}", files());
}

/// In a container, Terraform is often the first process, each time anew.
#[cfg(unix)]
#[test]
fn another_terraform_with_the_same_process_id_is_another_one() {
    let proc = tempfile::tempdir().unwrap();
    let began = |start: &str| {
        fs::create_dir_all(proc.path().join("1")).unwrap();
        let fields = "S 0 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0";
        let stat = format!("1 (terraform (x) y) {fields} {start} 1000 1");
        fs::write(proc.path().join("1/stat"), stat).unwrap();
        process(1, proc.path())
    };
    assert_eq!(began("4711"), began("4711"));
    assert_ne!(began("4711"), began("4712"));
    assert!(began("4711").contains("4711"));
    fs::create_dir_all(proc.path().join("sys/kernel/random")).unwrap();
    let before = began("4711");
    fs::write(proc.path().join("sys/kernel/random/boot_id"), "a-b-c\n").unwrap();
    assert_ne!(began("4711"), before, "the machine was started anew");
    assert_eq!(process(7, &proc.path().join("nothing")), "7");
}

#[test]
fn a_note_of_another_workspace_or_backend_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let first = journal(folder.path()).begin(&job("a"));
    let workspace =
        || of_another_terraform(Journal::beside(folder.path().to_owned(), Some("prod".to_owned())));
    assert!(!workspace().begin(&job("a")).begun_before);
    assert!(workspace().begin(&job("a")).begun_before);
    fs::write(folder.path().join("environment"), "prod").unwrap();
    assert!(
        journal(folder.path()).begin(&job("a")).begun_before,
        "the same workspace by its file"
    );
    fs::write(folder.path().join("environment"), "default").unwrap();
    assert_eq!(journal(folder.path()).begin(&job("a")).id, first.id);
    fs::write(
        folder.path().join("terraform.tfstate"),
        r#"{"backend":{"hash":1}}"#,
    )
    .unwrap();
    let elsewhere = journal(folder.path()).begin(&job("a"));
    assert!(!elsewhere.begun_before && elsewhere.id != first.id);
}

#[test]
fn without_a_folder_of_terraforms_nothing_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join(".terraform");
    for journal in [journal(&missing), Journal::default()] {
        assert!(!journal.begin(&job("a")).begun_before);
        assert!(!journal.begin(&job("a")).begun_before);
        journal.end(&job("a"));
    }
    assert!(!missing.exists());
}

#[test]
fn a_note_that_cannot_be_read_or_written_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = || journal(folder.path());
    journal().begin(&job("a"));
    let notes = folder.path().join("facets-gpu").join("creations");
    for note in fs::read_dir(&notes).unwrap() {
        fs::write(note.unwrap().path(), "{\"job\": ").unwrap();
    }
    assert!(!journal().begin(&job("a")).begun_before);
    assert!(journal().begin(&job("a")).begun_before, "it is written anew");
    fs::remove_dir_all(&notes).unwrap();
    fs::write(&notes, "a file where the folder should be").unwrap();
    assert!(!journal().begin(&job("a")).begun_before);
    assert!(!journal().begin(&job("a")).begun_before);
}
