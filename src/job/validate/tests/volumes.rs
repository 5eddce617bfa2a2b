//! Volumes, their sources, and where the container sees them.

use super::{check, config};
use crate::job::model::Job;

/// A configuration with one volume, `data`, of this source, that is mounted well.
fn volume(source: &str) -> String {
    format!(
        r#"{{"container": {{"image": "i", "volume_mounts": [{{"name": "data", "mount_path": "/data"}}]}},
            "vpc_access": {{"network": "default"}}, "volumes": [{{"name": "data"{source}}}]}}"#
    )
}

/// A configuration with one good volume, `data`, and these mounts.
fn mounts(mounts: &str) -> String {
    format!(
        r#"{{"container": {{"image": "i", "volume_mounts": [{mounts}]}},
            "volumes": [{{"name": "data", "gcs": {{"bucket": "my-bucket"}}}}]}}"#
    )
}

#[test]
fn good_volumes_are_told_nothing() {
    for source in [
        r#", "gcs": {"bucket": "my-bucket"}"#,
        r#", "gcs": {"bucket": "projects/p/buckets/my-bucket"}"#,
        r#", "gcs": {"bucket": "a.b_c-9", "read_only": true, "mount_options": ["implicit-dirs", "uid=1000"]}"#,
        r#", "nfs": {"server": "10.0.0.2", "path": "/share"}"#,
        r#", "nfs": {"server": "filer.example", "path": "/", "read_only": true}"#,
        r#", "secret": {"secret": "license"}"#,
        r#", "secret": {"secret": "projects/p/secrets/license", "default_mode": "0400",
            "items": [{"path": "a/b.key", "version": "3", "mode": "444"}, {"path": "c"}]}"#,
        r#", "empty_dir": {}"#,
        r#", "empty_dir": {"medium": "memory", "size_limit": "80Gi"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "500Gi"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "10Gi"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "10240Mi"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "11G"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "1Ti"}"#,
        r#", "empty_dir": {"medium": "disk"}"#,
        r#", "empty_dir": {"medium": "disk", "size_limit": "?"}"#,
        r#", "empty_dir": {"medium": "?", "size_limit": "1Gi"}"#,
        r#", "empty_dir": {"medium": "memory", "size_limit": "1Gi"}"#,
        r#", "empty_dir": {"size_limit": "1"}"#,
        r#", "gcs": "?""#,
    ] {
        check(&volume(source), "");
    }
    check(
        &mounts(
            r#"{"name": "data", "mount_path": "/data"}, {"name": "data", "mount_path": "/models", "sub_path": "m/1"}"#,
        ),
        "",
    );
    check(
        r#"{"volumes": [], "container": {"image": "i", "volume_mounts": []}}"#,
        "",
    );
}

#[test]
fn a_volume_has_one_good_source() {
    for (source, expected) in [
        ("", "Volume without a source"),
        (
            r#", "gcs": {"bucket": "my-bucket"}, "empty_dir": {}"#,
            "Volume with several sources",
        ),
        (r#", "gcs": {"bucket": null}"#, "Missing value"),
        (
            r#", "gcs": {"bucket": "gs://my-bucket/models"}"#,
            "Invalid bucket name",
        ),
        (r#", "gcs": {"bucket": "My-Bucket"}"#, "Invalid bucket name"),
        (r#", "gcs": {"bucket": "b."}"#, "Invalid bucket name"),
        (
            r#", "gcs": {"bucket": "my-bucket", "mount_options": ["--implicit-dirs"]}"#,
            "Invalid mount option",
        ),
        (
            r#", "gcs": {"bucket": "my-bucket", "mount_options": [null]}"#,
            "Element without a value",
        ),
        (
            r#", "nfs": {"server": "nfs://10.0.0.2/", "path": "/share"}"#,
            "Invalid NFS server",
        ),
        (
            r#", "nfs": {"server": "10.0.0.2", "path": "share"}"#,
            "Invalid NFS path",
        ),
        (
            r#", "nfs": {"server": "10.0.0.2", "path": "/a/../b"}"#,
            "Invalid NFS path",
        ),
        (
            r#", "secret": {"secret": "projects/p/secrets/s/versions/1"}"#,
            "Invalid secret name",
        ),
        (
            r#", "secret": {"secret": "s", "default_mode": "0999"}"#,
            "Invalid file mode",
        ),
        (
            r#", "secret": {"secret": "s", "default_mode": "1777"}"#,
            "Invalid file mode",
        ),
        (
            r#", "secret": {"secret": "s", "items": [{"path": "/etc/key"}]}"#,
            "Invalid path of a secret",
        ),
        (
            r#", "secret": {"secret": "s", "items": [{"path": "../key"}]}"#,
            "Invalid path of a secret",
        ),
        (
            r#", "secret": {"secret": "s", "items": [{"path": "k"}, {"path": "k"}]}"#,
            "Two versions in one file",
        ),
        (
            r#", "secret": {"secret": "s", "items": [{"path": "k", "version": "?!"}]}"#,
            "Invalid secret version",
        ),
        (
            r#", "secret": {"secret": "s", "items": [null]}"#,
            "Element without a value",
        ),
        (r#", "empty_dir": {"medium": "MEMORY"}"#, "Unknown medium"),
        (
            r#", "empty_dir": {"size_limit": "16 gigabytes"}"#,
            "Malformed size",
        ),
        (r#", "empty_dir": {"size_limit": "0Gi"}"#, "Malformed size"),
    ] {
        check(&volume(source), &format!("error at volumes[0]: {expected}"));
    }
}

#[test]
fn a_disk_has_a_least_size_in_every_unit() {
    for size in [
        "9Gi",
        "10239Mi",
        "10G",
        "10000M",
        "1",
        "10737418239",
        "10485759Ki",
    ] {
        check(
            &volume(&format!(
                r#", "empty_dir": {{"medium": "disk", "size_limit": "{size}"}}"#
            )),
            "warning at volumes[0]: Disk volume too small",
        );
    }
}

/// The same for the volume's files and for one of them.
#[test]
fn a_mode_lets_its_owner_read_and_nobody_only_write() {
    let everywhere = |mode: &str| {
        [
            volume(&format!(
                r#", "secret": {{"secret": "s", "default_mode": "{mode}"}}"#
            )),
            volume(&format!(
                r#", "secret": {{"secret": "s", "items": [{{"path": "k", "mode": "{mode}"}}]}}"#
            )),
        ]
    };
    for mode in [
        "0400", "400", "0440", "0444", "0640", "755", "0777", "0711", "0600", "?",
    ] {
        for changes in everywhere(mode) {
            check(&changes, "");
        }
    }
    // Digits 2 and 3, the owner without permission to read, decimal numbers, and other spellings.
    for mode in [
        "0420",
        "0402",
        "0430",
        "0443",
        "0244",
        "0344",
        "0044",
        "0144",
        "0000",
        "0",
        "4",
        "44",
        "0100",
        "256",
        "292",
        "288",
        "420",
        "493",
        "00444",
        "0o444",
        "0O444",
        "0x124",
        "1444",
        "u=r",
        "-r--r--r--",
        "+444",
        "-400",
        " 444",
        "444 ",
        "444.0",
        "４４４",
        "",
    ] {
        for changes in everywhere(mode) {
            check(&changes, "error at volumes[0]: Invalid file mode");
        }
    }
    for (mode, way_out) in [
        (
            "256",
            r#"If 256 is the decimal number of the google provider, set "0400"."#,
        ),
        (
            "292",
            r#"If 292 is the decimal number of the google provider, set "0444"."#,
        ),
        ("0256", r#"Omit it to use "0444"."#),
        ("777777", r#"Omit it to use "0444"."#),
    ] {
        for changes in everywhere(mode) {
            let told = super::super::validate(&Job::read(&config(&changes)));
            let told = told.first().map(ToString::to_string).unwrap_or_default();
            assert!(told.contains(way_out), "{told}");
        }
    }
}

#[test]
fn names_of_volumes_are_labels_and_their_own() {
    for name in ["Data", "-data", "data_1", ""] {
        let changes = format!(r#"{{"volumes": [{{"name": "{name}", "empty_dir": {{}}}}]}}"#);
        check(&changes, "error at volumes[0]: Invalid volume name");
    }
    check(
        r#"{"volumes": [{"name": "a", "empty_dir": {}}, {"name": "a", "empty_dir": {}}]}"#,
        "error at volumes[1]: Two volumes of one name",
    );
    check(
        r#"{"volumes": [null]}"#,
        "error at volumes[0]: Element without a value",
    );
    check(
        r#"{"volumes": [{"name": null, "empty_dir": {}}]}"#,
        "error at volumes[0]: Missing value",
    );
}

#[test]
fn each_volume_is_seen_at_a_place_of_its_own() {
    for (given, expected) in [
        (r#"{"name": "data", "mount_path": "data"}"#, "Invalid mount path"),
        (r#"{"name": "data", "mount_path": "/"}"#, "Invalid mount path"),
        (
            r#"{"name": "data", "mount_path": "/dev/shm"}"#,
            "Invalid mount path",
        ),
        (r#"{"name": "data", "mount_path": "/proc"}"#, "Invalid mount path"),
        (
            r#"{"name": "data", "mount_path": "/a/../b"}"#,
            "Invalid mount path",
        ),
        (r#"{"name": "data", "mount_path": "/a:b"}"#, "Invalid mount path"),
        (r#"{"name": "data", "mount_path": null}"#, "Missing value"),
        (
            r#"{"name": "data", "mount_path": "/d"}, {"name": "data", "mount_path": "/d/"}"#,
            "Two volumes at one place",
        ),
        (
            r#"{"name": "data", "mount_path": "/d", "sub_path": "/models"}"#,
            "Invalid sub-path",
        ),
        (
            r#"{"name": "dada", "mount_path": "/d"}"#,
            "Mount of an unknown volume",
        ),
        (
            r#"null, {"name": "data", "mount_path": "/d"}"#,
            "Element without a value",
        ),
    ] {
        check(
            &mounts(given),
            &format!("error at container.volume_mounts: {expected}"),
        );
    }
    check(&mounts(r#"{"name": "data", "mount_path": "/devices"}"#), "");
}

#[test]
fn what_has_no_effect_or_not_the_wanted_one_is_a_warning() {
    check(&mounts(""), "warning at volumes[0]: Volume that is seen nowhere");
    check(
        &volume(r#", "empty_dir": {"size_limit": "96Gi"}"#).replace(
            "\"volumes\"",
            "\"resources\": {\"memory\": \"80Gi\"}, \"volumes\"",
        ),
        "warning at volumes[0]: More in memory than there is",
    );
    check(
        &volume(r#", "empty_dir": {"size_limit": "81Gi"}"#),
        "warning at volumes[0]: More in memory than there is",
    );
    let nfs = volume(r#", "nfs": {"server": "10.0.0.2", "path": "/share"}"#);
    check(
        &nfs.replace(r#"{"network": "default"}"#, "null"),
        "warning at volumes[0]: NFS without a way into a VPC",
    );
    check(&nfs.replace(r#""default""#, r#""?""#), "");
}

#[test]
fn what_is_not_known_yet_is_not_missed() {
    for changes in [
        r#"{"volumes": "?", "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}"#,
        r#"{"volumes": [{"name": "?", "empty_dir": {}}],
            "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}"#,
        r#"{"volumes": ["?"], "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}"#,
        r#"{"volumes": [{"name": "data", "empty_dir": {}}], "container": {"image": "i", "volume_mounts": "?"}}"#,
        r#"{"volumes": [{"name": "data", "empty_dir": {}}], "container": "?"}"#,
        r#"{"volumes": [{"name": "data", "empty_dir": {}}],
            "container": {"image": "i", "volume_mounts": [{"name": "?", "mount_path": "?", "sub_path": "?"}]}}"#,
        r#"{"volumes": [{"name": "data", "gcs": "?", "nfs": "?"}],
            "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}"#,
    ] {
        check(changes, "");
    }
}

#[test]
fn the_words_of_volumes_say_rule_finding_and_way_out() {
    let changes = r#"{"container": {"image": "i", "working_dir": "work", "volume_mounts": [
            {"name": "dada", "mount_path": "/proc/1"}, {"name": "key", "mount_path": "/key"}]},
        "volumes": [
            {"name": "data", "gcs": {"bucket": "gs://my-bucket/models", "mount_options": ["-o ro"]}},
            {"name": "key", "secret": {"secret": "k", "default_mode": "292"}, "empty_dir": {}},
            {"name": "share", "nfs": {"server": "10.0.0.2:/x", "path": "x"}},
            {"name": "space", "empty_dir": {"medium": "memory", "size_limit": "200Gi"}}]}"#;
    let told: Vec<String> = super::super::validate(&Job::read(&config(changes)))
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
