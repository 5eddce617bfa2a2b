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
/// The mode of a volume's files, and of one file: paths and configurations.
const MODES: [(&str, &str); 2] = [
    ("default_mode", r#""secret": {"secret": "s", "default_mode": …}"#),
    (
        "items[0].mode",
        r#""secret": {"secret": "s", "items": [{"path": "k", "mode": …}]}"#,
    ),
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
            "gcs": {"bucket": "gs://my-bucket/models"}
            "gcs": {"bucket": "My-Bucket"}
            "gcs": {"bucket": "my-bucket", "mount_options": ["--implicit-dirs"]}
            "nfs": {"server": "nfs://10.0.0.2/", "path": "/share"}
            "nfs": {"server": "10.0.0.2", "path": "share"}
            "secret": {"secret": "projects/p/secrets/s/versions/1"}
            "secret": {"secret": "s", "items": [{"path": "/etc/key"}]}
            "secret": {"secret": "s", "items": [{"path": "k"}, {"path": "k"}]}
            "empty_dir": {"medium": "MEMORY"}
            "empty_dir": {"size_limit": "16 gigabytes"}
            "empty_dir": {"medium": "floppy"}
            "empty_dir": {"size_limit": "0Gi"}
        "#,
    );
    insta::assert_snapshot!(reports);
    for (expected, source) in [
        ("gcs.bucket: Missing value", r#""gcs": {"bucket": null}"#),
        (
            "nfs.server: Missing value",
            r#""nfs": {"server": null, "path": "/share"}"#,
        ),
        (
            "nfs.path: Missing value",
            r#""nfs": {"server": "10.0.0.2", "path": null}"#,
        ),
        ("secret.secret: Missing value", r#""secret": {"secret": null}"#),
        (
            "secret.items[0].path: Missing value",
            r#""secret": {"secret": "s", "items": [{"path": null}]}"#,
        ),
        (
            "secret.items[0]: Null element",
            r#""secret": {"secret": "s", "items": [null]}"#,
        ),
        (
            "gcs.mount_options[0]: Null element",
            r#""gcs": {"bucket": "my-bucket", "mount_options": [null]}"#,
        ),
        ("gcs.bucket: Invalid bucket name", r#""gcs": {"bucket": "b."}"#),
        (
            "nfs.path: Invalid NFS path",
            r#""nfs": {"server": "10.0.0.2", "path": "/a/../b"}"#,
        ),
        (
            "secret.items[0].path: Invalid secret file path",
            r#""secret": {"secret": "s", "items": [{"path": "../key"}]}"#,
        ),
    ] {
        fails(&format!("error at volumes[0].{expected}\n"), VOLUME, source);
    }
}

#[test]
fn disk_has_a_minimum_size() {
    fails(
        "warning at volumes[0].empty_dir.size_limit: Disk volume too small",
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
    for (path, mode) in MODES {
        let template = VOLUME.replace('…', mode);
        for valid in "0400 0440 0444 0640 755 0777 0711 0600 ?".split(' ') {
            passes(&template, &format!("{valid:?}"));
        }
        // Digits 2 and 3, the owner without read permission, decimal numbers, and other notations.
        let invalid = "0420 0402 0430 0443 0244 0344 0044 0144 0000 0 4 44 0100 256 292 288 420 493 00444 0o444 0O444 0x124 1444 \
                   u=r -r--r--r-- +444 -400 444.0 ４４４";
        for invalid in invalid.split(' ').chain([" 444", "444 ", ""]) {
            fails(
                &format!("error at volumes[0].secret.{path}: Invalid file mode"),
                &template,
                &format!("{invalid:?}"),
            );
        }
    }
    // Decimal and other values.
    let reports = MODES.map(|(_, mode)| {
        report(
            &VOLUME.replace('…', mode),
            r#"
                "256"
                "0256"
            "#,
        )
    });
    insta::assert_snapshot!(reports.join("\n"));
}

#[test]
fn volume_names_are_unique_labels() {
    let template = r#"{
        "container": {"image": "i", "volume_mounts": [{"name": "a", "mount_path": "/a"}]}, "volumes": […]
    }"#;
    fails(
        "error at volumes[0].name: Invalid volume name\n",
        template,
        r#"
            {"name": "-data", "empty_dir": {}}
            {"name": "data_1", "empty_dir": {}}
            {"name": "", "empty_dir": {}}
        "#,
    );
    fails("error at volumes[0]: Null element\n", template, "null");
    fails(
        "error at volumes[0].name: Missing value\n",
        template,
        r#"{"name": null, "empty_dir": {}}"#,
    );
    let invalid = report(
        &template.replace(r#""name": "a""#, r#""name": "Data""#),
        r#"{"name": "Data", "empty_dir": {}}"#,
    );
    let duplicate = report(
        template,
        r#"{"name": "a", "empty_dir": {}}, {"name": "a", "empty_dir": {}}"#,
    );
    insta::assert_snapshot!(format!("{invalid}\n{duplicate}"));
}

#[test]
fn mount_paths_are_valid_and_unique() {
    let template = MOUNTS.replace("[…]", r#"[{"name": "data", "mount_path": "/b"}, …]"#);
    fails(
        "error at container.volume_mounts[1].mount_path: Invalid mount path\n",
        &template,
        r#"
            {"name": "data", "mount_path": "/a/../b"}
            {"name": "data", "mount_path": "/proc"}
        "#,
    );
    for (expected, mount) in [
        ("[1]: Null element", "null"),
        (
            "[1].name: Missing value",
            r#"{"name": null, "mount_path": "/data"}"#,
        ),
        (
            "[1].mount_path: Missing value",
            r#"{"name": "data", "mount_path": null}"#,
        ),
    ] {
        fails(
            &format!("error at container.volume_mounts{expected}\n"),
            &template,
            mount,
        );
    }
    let reports = report(
        &template,
        r#"
            {"name": "data", "mount_path": "data"}
            {"name": "data", "mount_path": "/"}
            {"name": "data", "mount_path": "/dev/shm"}
            {"name": "data", "mount_path": "/a:b"}
            {"name": "data", "mount_path": "/b/"}
            {"name": "data", "mount_path": "/d", "sub_path": "/models"}
            {"name": "dada", "mount_path": "/d"}
        "#,
    );
    let without_volumes =
        r#"{"container": {"image": "i", "volume_mounts": [{"name": "data", "mount_path": "/d"}]}}"#;
    insta::assert_snapshot!(format!("{reports}\n{}", diagnostics(without_volumes)));
}

#[test]
fn ineffective_volumes_are_warnings() {
    let nfs = VOLUME.replace('…', r#""nfs": {"server": "10.0.0.2", "path": "/share"}"#);
    passes("…", &nfs.replace('\n', " ").replace(r#""default""#, r#""?""#));
    let size = VOLUME.replace('…', r#""empty_dir": {"size_limit": "81Gi"}"#);
    let disk = VOLUME.replace('…', r#""empty_dir": {"medium": "disk", "size_limit": "9Gi"}"#);
    let warnings = [
        MOUNTS.replace('…', ""),
        size.clone(),
        disk,
        nfs.replace(r#"{"network": "default"}"#, "null"),
    ];
    fails(
        "warning at volumes[0].empty_dir.size_limit: Memory volumes too large",
        "…",
        &size
            .replace("81Gi", "96Gi")
            .replacen('{', r#"{"resources": {"memory": "80Gi"}, "#, 1)
            .replace('\n', " "),
    );
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
