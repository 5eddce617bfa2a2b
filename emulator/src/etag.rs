//! Etags in the recorded form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Timestamp;

/// A protobuf Timestamp and the resource's name, each in base64url, in quotes that are part of the value.
pub(crate) fn etag(updated: Timestamp, name: &str) -> String {
    let seconds = u64::try_from(updated.unix_timestamp()).unwrap_or_default();
    let mut timestamp = vec![0x08];
    push_varint(seconds, &mut timestamp);
    if updated.nanosecond() != 0 {
        timestamp.push(0x10);
        push_varint(u64::from(updated.nanosecond()), &mut timestamp);
    }
    format!(
        "\"{}/{}\"",
        URL_SAFE_NO_PAD.encode(timestamp),
        URL_SAFE_NO_PAD.encode(name)
    )
}

fn push_varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn etag_has_the_recorded_form() {
        // The time of the first etag in `minimal.http`; the name is the recorder's placeholder.
        let updated = datetime!(2025-09-03 19:42:04.484_470 UTC);
        let name = "projects/example-project/locations/us-central1/jobs/runjob-example";
        let etag = etag(updated, name);
        assert!(etag.starts_with("\"CIy04sUGE"), "{etag}");
        assert!(
            etag.ends_with(
                "/cHJvamVjdHMvZXhhbXBsZS1wcm9qZWN0L2xvY2F0aW9ucy91cy1jZW50cmFsMS9qb2JzL3J1bmpvYi1leGFtcGxl\""
            ),
            "{etag}"
        );
    }
}
