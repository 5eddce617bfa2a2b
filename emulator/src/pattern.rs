//! Patterns for ids of jobs.

/// Whether a text matches a pattern in which `*` stands for any text.
pub(crate) fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_text() {
        for (pattern, text, matches) in [
            ("render", "render", true),
            ("render", "render-2", false),
            ("render*", "render-2", true),
            ("*-2", "render-2", true),
            ("r*d*2", "render-2", true),
            ("r*x*2", "render-2", false),
            ("*", "", true),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), matches, "{pattern} {text}");
        }
    }
}
