//! Time and the two things made of it: timestamps on the wire, and etags.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A moment, in UTC.
pub(crate) type Moment = OffsetDateTime;

/// The present, cut to microseconds as the service does.
pub(crate) fn now() -> Moment {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}

/// RFC 3339 with six fractional digits.
pub(crate) fn timestamp(moment: Moment) -> String {
    moment.format(TIMESTAMP).unwrap_or_default()
}

/// Reads back what [`timestamp`] wrote.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    time::PrimitiveDateTime::parse(text, TIMESTAMP)
        .ok()
        .map(time::PrimitiveDateTime::assume_utc)
}

/// Moments in a state file: as text, to be read by people too.
pub(crate) mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{Moment, parse, timestamp};

    pub(crate) fn serialize<S: Serializer>(moment: &Moment, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&timestamp(*moment))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(from)?;
        parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no timestamp")))
    }
}

/// The same where there may be none.
pub(crate) mod as_text_if_any {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    use super::{Moment, parse, timestamp};

    pub(crate) fn serialize<S: Serializer>(moment: &Option<Moment>, to: S) -> Result<S::Ok, S::Error> {
        moment.map(timestamp).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Moment>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let moment = parse(&text);
        moment
            .map(Some)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no timestamp")))
    }
}

/// An etag as recorded: a protobuf Timestamp and the resource's name, each in base64url, within quotes that
/// belong to the value.
pub(crate) fn etag(moment: Moment, name: &str) -> String {
    let seconds = u64::try_from(moment.unix_timestamp()).unwrap_or_default();
    let mut stamp = vec![0x08];
    varint(seconds, &mut stamp);
    if moment.nanosecond() != 0 {
        stamp.push(0x10);
        varint(u64::from(moment.nanosecond()), &mut stamp);
    }
    format!(
        "\"{}/{}\"",
        URL_SAFE_NO_PAD.encode(stamp),
        URL_SAFE_NO_PAD.encode(name)
    )
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const TIMESTAMP: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

    use super::*;
    use time::macros::datetime;

    #[test]
    fn an_etag_has_the_recorded_form() {
        // The time of the first etag in `minimal.http`; the name is the recorder's placeholder.
        let moment = datetime!(2025-09-03 19:42:04.484_470 UTC);
        let name = "projects/example-project/locations/us-central1/jobs/runjob-example";
        let stamp = etag(moment, name);
        assert!(stamp.starts_with("\"CIy04sUGE"), "{stamp}");
        assert!(
            stamp.ends_with(
                "/cHJvamVjdHMvZXhhbXBsZS1wcm9qZWN0L2xvY2F0aW9ucy91cy1jZW50cmFsMS9qb2JzL3J1bmpvYi1leGFtcGxl\""
            ),
            "{stamp}"
        );
    }

    #[test]
    fn a_timestamp_is_read_back() {
        let moment = datetime!(2026-11-23 01:02:03.000_004 UTC);
        assert_eq!(timestamp(moment), "2026-11-23T01:02:03.000004Z");
        assert_eq!(parse("2026-11-23T01:02:03.000004Z"), Some(moment));
        assert_eq!(parse("yesterday"), None);
    }
}
