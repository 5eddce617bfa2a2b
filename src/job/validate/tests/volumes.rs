//! Volumes, their sources and mounts.

use super::{diagnostics, fails, passes, report};

/// A mounted volume `data` of this source.
const VOLUME: &str = r#"{
    "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/data"}]},
    "vpc_access": {"network": "default"}, "volumes": [{"name": "data", …}]
}"#;
/// A volume `data` with these mounts.
const MOUNTS: &str = r#"{
    "container": {"image": "i", "volume_mounts": […]}, "volumes": [{"name": "data", "gcs": {"bucket": "my-bucket"}}]
}"#;
/// The mode of a volume's files, and of one file.
const MODES: [&str; 2] = [
    r#""secret": {"secret": "s", "default_mode": …}"#,
    r#""secret": {"secret": "s", "items": [{"path": "k", "mode": …}]}"#,
];

#[test]
fn valid_volumes_pass() {
    passes(
        VOLUME,
        r#"
            "gcs": {"bucket": "my-bucket"}
            "gcs": {"bucket": "projects/p/buckets/my-bucket"}
            "gcs": {"bucket": "a.b_c-9", "read_only": true, "mount_options": ["implicit-dirs", "uid=1000"]}
            "nfs": {"server": "10.0.0.2", "path": "/share"}
            "nfs": {"server": "filer.example", "path": "/", "read_only": true}
            "secret": {"secret": "license"}
            "secret": {"secret": "projects/p/secrets/license", "default_mode": "0400", "items": [{"path": "a/b.key", "version": "3", "mode": "444"}, {"path": "c"}]}
            "empty_dir": {}
            "empty_dir": {"medium": "memory", "size_limit": "80Gi"}
            "empty_dir": {"medium": "disk", "size_limit": "500Gi"}
            "empty_dir": {"medium": "disk", "size_limit": "10Gi"}
            "empty_dir": {"medium": "disk", "size_limit": "10240Mi"}
            "empty_dir": {"medium": "disk", "size_limit": "11G"}
            "empty_dir": {"medium": "disk", "size_limit": "1Ti"}
            "empty_dir": {"medium": "disk"}
            "empty_dir": {"medium": "disk", "size_limit": "?"}
            "empty_dir": {"medium": "?", "size_limit": "1Gi"}
            "empty_dir": {"medium": "memory", "size_limit": "1Gi"}
            "empty_dir": {"size_limit": "1"}
            "gcs": "?"
        "#,
    );
    passes(
        MOUNTS,
        r#"
            {"name": "data", "mount_path": "/data"}, {"name": "data", "mount_path": "/models", "sub_path": "m/1"}
            {"name": "data", "mount_path": "/devices"}
        "#,
    );
    passes(
        "…",
        r#"{"volumes": [], "container": {"image": "i", "volume_mounts": []}}"#,
    );
}

#[test]
fn volume_has_one_valid_source() {
    let reports = report(
        VOLUME,
        r#"
            "gcs": null
            "gcs": {"bucket": "my-bucket"}, "empty_dir": {}
            "gcs": {"bucket": null}
            "gcs": {"bucket": "gs://my-bucket/models"}
            "gcs": {"bucket": "My-Bucket"}
            "gcs": {"bucket": "b."}
            "gcs": {"bucket": "my-bucket", "mount_options": ["--implicit-dirs"]}
            "gcs": {"bucket": "my-bucket", "mount_options": [null]}
            "nfs": {"server": "nfs://10.0.0.2/", "path": "/share"}
            "nfs": {"server": "10.0.0.2", "path": "share"}
            "nfs": {"server": "10.0.0.2", "path": "/a/../b"}
            "secret": {"secret": "projects/p/secrets/s/versions/1"}
            "secret": {"secret": "s", "default_mode": "0999"}
            "secret": {"secret": "s", "default_mode": "1777"}
            "secret": {"secret": "s", "items": [{"path": "/etc/key"}]}
            "secret": {"secret": "s", "items": [{"path": "../key"}]}
            "secret": {"secret": "s", "items": [{"path": "k"}, {"path": "k"}]}
            "secret": {"secret": "s", "items": [{"path": "k", "version": "?!"}]}
            "secret": {"secret": "s", "items": [null]}
            "empty_dir": {"medium": "MEMORY"}
            "empty_dir": {"size_limit": "16 gigabytes"}
            "empty_dir": {"size_limit": "0Gi"}
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn disk_has_a_minimum_size() {
    fails(
        "warning at volumes[0]: Disk volume too small",
        &VOLUME.replace('…', r#""empty_dir": {"medium": "disk", "size_limit": "…"}"#),
        "
            9Gi
            10239Mi
            10G
            10000M
            1
            10737418239
            10485759Ki
        ",
    );
}

#[test]
fn file_mode_is_supported() {
    for mode in MODES {
        let template = VOLUME.replace('…', mode);
        for valid in "0400 0440 0444 0640 755 0777 0711 0600 ?".split(' ') {
            passes(&template, &format!("{valid:?}"));
        }
        // Digits 2 and 3, the owner without read permission, decimal numbers, and other notations.
        let invalid = "0420 0402 0430 0443 0244 0344 0044 0144 0000 0 4 44 0100 256 292 288 420 493 00444 0o444 0O444 0x124 1444 \
                   u=r -r--r--r-- +444 -400 444.0 ４４４";
        for invalid in invalid.split(' ').chain([" 444", "444 ", ""]) {
            fails(
                "error at volumes[0]: Invalid file mode",
                &template,
                &format!("{invalid:?}"),
            );
        }
    }
    let reports = report(
        &VOLUME.replace('…', MODES[0]),
        r#"
            "256"
            "292"
            "0256"
            "777777"
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn volume_names_are_unique_labels() {
    let reports = report(
        r#"{"volumes": […]}"#,
        r#"
            {"name": "Data", "empty_dir": {}}
            {"name": "-data", "empty_dir": {}}
            {"name": "data_1", "empty_dir": {}}
            {"name": "", "empty_dir": {}}
            {"name": "a", "empty_dir": {}}, {"name": "a", "empty_dir": {}}
            null
            {"name": null, "empty_dir": {}}
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn mount_paths_are_valid_and_unique() {
    let reports = report(
        MOUNTS,
        r#"
            {"name": "data", "mount_path": "data"}
            {"name": "data", "mount_path": "/"}
            {"name": "data", "mount_path": "/dev/shm"}
            {"name": "data", "mount_path": "/proc"}
            {"name": "data", "mount_path": "/a/../b"}
            {"name": "data", "mount_path": "/a:b"}
            {"name": "data", "mount_path": null}
            {"name": "data", "mount_path": "/d"}, {"name": "data", "mount_path": "/d/"}
            {"name": "data", "mount_path": "/d", "sub_path": "/models"}
            {"name": "dada", "mount_path": "/d"}
            null, {"name": "data", "mount_path": "/d"}
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn ineffective_volumes_are_warnings() {
    let nfs = VOLUME.replace('…', r#""nfs": {"server": "10.0.0.2", "path": "/share"}"#);
    passes("…", &nfs.replace('\n', " ").replace(r#""default""#, r#""?""#));
    let size = VOLUME.replace('…', r#""empty_dir": {"size_limit": "81Gi"}"#);
    let with_memory = size
        .replace("81Gi", "96Gi")
        .replacen('{', r#"{"resources": {"memory": "80Gi"}, "#, 1);
    let warnings = [
        MOUNTS.replace('…', ""),
        size,
        with_memory,
        nfs.replace(r#"{"network": "default"}"#, "null"),
    ];
    insta::assert_snapshot!(warnings.map(|changes| diagnostics(&changes)).join("\n"));
}

#[test]
fn unknown_values_pass() {
    passes(
        "…",
        r#"
            {"volumes": "?", "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}
            {"volumes": [{"name": "?", "empty_dir": {}}], "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}
            {"volumes": ["?"], "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}
            {"volumes": [{"name": "data", "empty_dir": {}}], "container": {"image": "i", "volume_mounts": "?"}}
            {"volumes": [{"name": "data", "empty_dir": {}}], "container": "?"}
            {"volumes": [{"name": "data", "empty_dir": {}}], "container": {"image": "i", "volume_mounts": [{"name": "?", "mount_path": "?", "sub_path": "?"}]}}
            {"volumes": [{"name": "data", "gcs": "?", "nfs": "?"}], "container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}
        "#,
    );
}
