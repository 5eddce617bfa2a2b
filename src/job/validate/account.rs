//! The form of a service account's address.

/// Whether text can be the e-mail address of a service account.
pub fn is_account(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.split_once('@').is_some_and(|(user, host)| {
        user.split('.').all(plain) && host.contains('.') && host.split('.').all(plain)
    })
}

/// The address in another form of an account: a member of an IAM policy such as `serviceAccount:A` or
/// `deleted:serviceAccount:A?uid=1`, or a resource's name such as `projects/P/serviceAccounts/A`.
pub fn account_in(text: &str) -> Option<&str> {
    let member = text.split('?').next()?.trim();
    member
        .rsplit([':', '/'])
        .next()
        .filter(|address| is_account(address))
}
