//! The kinds of files that are taken in.

/// A kind of file that a message may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileType {
    Pdf,
    Png,
    Jpeg,
    Gif,
    Webp,
    Text,
    Csv,
    Calendar,
    Docx,
    Xlsx,
    Pptx,
    Odt,
}

/// The content type, the extensions, and under which other types clients declare it.
struct Facts(&'static str, &'static [&'static str], &'static [&'static str]);

impl FileType {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Text,
        Self::Csv,
        Self::Calendar,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::Odt,
    ];

    fn facts(self) -> Facts {
        match self {
            Self::Pdf => Facts("application/pdf", &["pdf"], &["application/x-pdf"]),
            Self::Png => Facts("image/png", &["png"], &["image/x-png"]),
            Self::Jpeg => Facts("image/jpeg", &["jpg", "jpeg"], &["image/jpg", "image/pjpeg"]),
            Self::Gif => Facts("image/gif", &["gif"], &[]),
            Self::Webp => Facts("image/webp", &["webp"], &[]),
            Self::Text => Facts("text/plain", &["txt"], &[]),
            // Browsers on Windows know CSV by the program that opens it.
            Self::Csv => Facts("text/csv", &["csv"], &["text/plain", "application/csv", "application/vnd.ms-excel"]),
            Self::Calendar => Facts("text/calendar", &["ics"], &["application/ics"]),
            Self::Docx => {
                Facts("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], &[])
            }
            Self::Xlsx => Facts("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], &[]),
            Self::Pptx => {
                Facts("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], &[])
            }
            Self::Odt => Facts("application/vnd.oasis.opendocument.text", &["odt"], &[]),
        }
    }

    /// The content type, without parameters.
    pub fn content_type(self) -> &'static str {
        self.facts().0
    }

    /// The kind that a file name's extension, in any case, stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.facts().1.contains(&extension.as_str()))
    }

    /// Whether a client's content type agrees with this kind. One that says nothing about the file agrees with all; texts
    /// must be UTF-8.
    pub fn may_be_declared_as(self, declared: &str) -> bool {
        let mut parts = declared.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let Facts(own, _, others) = self.facts();
        let known = own == essence || others.contains(&essence.as_str());
        let charset =
            parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        let utf8 = charset.is_none_or(|(_, value)| {
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            matches!(value.as_str(), "utf-8" | "utf8" | "us-ascii")
        });
        essence.is_empty() || essence == "application/octet-stream" || (known && (utf8 || !own.starts_with("text/")))
    }

    /// All extensions, for people: `.pdf, .png, …`.
    pub(super) fn extensions_in_words() -> String {
        let all = Self::ALL.into_iter().flat_map(|kind| kind.facts().1.iter().map(|extension| format!(".{extension}")));
        all.collect::<Vec<_>>().join(", ")
    }
}
