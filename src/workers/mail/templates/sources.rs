//! The template files, by name: nothing else.

/// Includes one template under the name by which others refer to it.
macro_rules! source {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../templates/letters/", $name)))
    };
}

/// Every template and its name, layouts and labels first.
pub(super) const ALL: &[(&str, &str)] = &[
    source!("layout.html"),
    source!("vi/labels.txt"),
    source!("vi/layout.txt"),
    source!("vi/layout.html"),
    source!("vi/receipt.txt"),
    source!("vi/receipt.html"),
    source!("vi/question.txt"),
    source!("vi/question.html"),
    source!("vi/accepted.txt"),
    source!("vi/accepted.html"),
    source!("vi/refused.txt"),
    source!("vi/refused.html"),
    source!("vi/transferred.txt"),
    source!("vi/transferred.html"),
    source!("vi/transfer_notice.txt"),
    source!("vi/transfer_notice.html"),
    source!("vi/extended.txt"),
    source!("vi/extended.html"),
    source!("vi/answer.txt"),
    source!("vi/answer.html"),
    source!("vi/recalled.txt"),
    source!("vi/recalled.html"),
    source!("vi/reopened.txt"),
    source!("vi/reopened.html"),
    source!("vi/assigned.txt"),
    source!("vi/assigned.html"),
    source!("en/labels.txt"),
    source!("en/layout.txt"),
    source!("en/layout.html"),
    source!("en/receipt.txt"),
    source!("en/receipt.html"),
    source!("en/question.txt"),
    source!("en/question.html"),
    source!("en/accepted.txt"),
    source!("en/accepted.html"),
    source!("en/refused.txt"),
    source!("en/refused.html"),
    source!("en/transferred.txt"),
    source!("en/transferred.html"),
    source!("en/transfer_notice.txt"),
    source!("en/transfer_notice.html"),
    source!("en/extended.txt"),
    source!("en/extended.html"),
    source!("en/answer.txt"),
    source!("en/answer.html"),
    source!("en/recalled.txt"),
    source!("en/recalled.html"),
    source!("en/reopened.txt"),
    source!("en/reopened.html"),
    source!("en/assigned.txt"),
    source!("en/assigned.html"),
];
