//! Where a file store is, as a URL says it.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// What an S3 URL answers to in a build without S3.
#[cfg(not(feature = "s3"))]
pub(super) const NO_S3: &str =
    "this build has no S3 support; build with --features s3, or name a folder, for instance file:///srv/postitus/files";

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesLocation {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a bucket, below a prefix: `s3://bucket/prefix`. Region, endpoint and credentials come from the usual `AWS_…`
    /// variables.
    S3(Url),
}

impl FilesLocation {
    /// The folder of a deployment that names none.
    pub fn in_data_folder(data_dir: &Path) -> Self {
        Self::Folder(data_dir.join("files"))
    }

    /// Reads `file:///folder` or `s3://bucket/prefix`.
    ///
    /// # Errors
    /// What is wrong with it; also when this build cannot use it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = "must be file:///folder or s3://bucket/prefix";
        let url = Url::parse(text).map_err(|_unreadable| form.to_owned())?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("{form}, without anything else"));
        }
        match url.scheme() {
            "file" => url.to_file_path().map(Self::Folder).map_err(|()| form.to_owned()),
            "s3" if url.host_str().is_some_and(|bucket| !bucket.is_empty()) && url.port().is_none() => Self::s3(url),
            _ => Err(form.to_owned()),
        }
    }

    #[cfg(feature = "s3")]
    fn s3(url: Url) -> Result<Self, String> {
        Ok(Self::S3(url))
    }

    #[cfg(not(feature = "s3"))]
    fn s3(_url: Url) -> Result<Self, String> {
        Err(NO_S3.to_owned())
    }
}

impl fmt::Display for FilesLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::S3(url) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_file_url() {
        assert_eq!(FilesLocation::parse("file:///srv/a%20b"), Ok(FilesLocation::Folder(PathBuf::from("/srv/a b"))));
        for text in
            ["", "files", "/srv/files", "http://x/", "file://host/x", "file:///x?y", "s3://", "s3:///x", "s3://a:1/"]
        {
            assert!(FilesLocation::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bucket_needs_a_build_with_s3() {
        let parsed = FilesLocation::parse("s3://bucket/prefix");
        match cfg!(feature = "s3") {
            true => assert_eq!(parsed.unwrap().to_string(), "s3://bucket/prefix"),
            false => assert!(parsed.unwrap_err().contains("--features s3")),
        }
    }
}
