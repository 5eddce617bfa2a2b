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
    let terraform = NEXT.fetch_add(1, Ordering::Relaxed);
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
fn a_process_is_told_by_when_it_began() {
    let fields = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
    for name in ["terraform", "a b", "odd) name (1 2 3", ")"] {
        assert_eq!(began(&format!("7 ({name}) {fields}")), Some(4711), "{name}");
    }
    for wrong in ["", "7 (terraform", "7 (terraform) S 1 2", "7 (terraform) S x"] {
        assert_eq!(began(wrong), None, "{wrong}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_number_alone_does_not_tell_a_terraform() {
    let folder = tempfile::tempdir().unwrap();
    let journal = || Journal::beside(folder.path().to_owned(), None);
    let first = journal().begin(&job("a"));
    assert!(
        !journal().begin(&job("a")).begun_before,
        "another provider of this Terraform"
    );

    let file = journal().file(&job("a")).unwrap();
    let note = read(&file).unwrap();
    let [number, began, machine] = note.terraform.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{note:?}");
    };
    let earlier = began.parse::<u64>().unwrap() - 1;
    for terraform in [
        format!("{number} {earlier} {machine}"),
        format!("{number} {began} another-start"),
    ] {
        let creation = note.creation.clone();
        let job_name = note.job.clone();
        write(
            &file,
            &Note {
                job: job_name,
                creation,
                terraform,
            },
        )
        .unwrap();
        let second = journal().begin(&job("a"));
        assert!(second.begun_before && second.id == first.id, "{:?}", read(&file));
    }
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
