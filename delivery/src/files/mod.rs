//! Where the bytes of files are kept: in a folder, or in storage that speaks S3, which several processes can share.
//!
//! Files are kept under the SHA-256 of their bytes, so that the same bytes are kept once and a file never changes. Who needs
//! which file, the database knows.

mod location;
#[cfg(feature = "s3")]
mod s3;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};

pub use location::FilesLocation;

/// Why a file could not be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The store cannot be used as it is set up.
    #[error("the file store {location} cannot be used: {reason}")]
    Open { location: String, reason: String },
    /// The store has no such file.
    #[error("the file store has no file {0}")]
    Missing(String),
    /// The bytes are not the ones that were stored.
    #[error("the file {0} in the file store is damaged")]
    Damaged(String),
    /// Anything else the store answered.
    #[error("the file store: {0}")]
    Store(String),
}

/// A file as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    pub sha256: String,
    pub size: u64,
    /// When it was last written.
    pub written_at: DateTime<Utc>,
}

/// The store. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct FileStore {
    store: Arc<dyn ObjectStore>,
    shown: Arc<str>,
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileStore({})", self.shown)
    }
}

impl fmt::Display for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl FileStore {
    /// Opens the store; a folder is made when there is none.
    ///
    /// # Errors
    /// [`FilesError::Open`].
    pub fn open(location: &FilesLocation) -> Result<Self, FilesError> {
        let failed = |reason: String| FilesError::Open { location: location.to_string(), reason };
        let store: Arc<dyn ObjectStore> = match location {
            FilesLocation::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
                let folder = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(error.to_string()))?;
                // What has been acknowledged survives a crash.
                Arc::new(folder.with_fsync(true))
            }
            #[cfg(feature = "s3")]
            FilesLocation::S3(url) => s3::open(url, object_store::aws::AmazonS3Builder::from_env()).map_err(failed)?,
            #[cfg(not(feature = "s3"))]
            FilesLocation::S3(_) => return Err(failed(location::NO_S3.to_owned())),
        };
        Ok(Self { store, shown: location.to_string().into() })
    }

    /// A store that forgets everything when it is dropped.
    pub fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()), shown: "memory".into() }
    }

    /// Keeps bytes, whose SHA-256 is `sha256`. What is there already is written again.
    ///
    /// # Errors
    /// [`FilesError::Store`].
    pub async fn put(&self, sha256: &str, bytes: Bytes) -> Result<(), FilesError> {
        self.store.put(&key(sha256), bytes.into()).await.map_err(|error| told(sha256, error))?;
        Ok(())
    }

    /// The bytes, which are those that were stored.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn get(&self, sha256: &str) -> Result<Bytes, FilesError> {
        let found = self.store.get(&key(sha256)).await.map_err(|error| told(sha256, error))?;
        let bytes = found.bytes().await.map_err(|error| told(sha256, error))?;
        match hex(&Sha256::digest(&bytes)) == sha256 {
            true => Ok(bytes),
            false => Err(FilesError::Damaged(sha256.to_owned())),
        }
    }

    /// The bytes in pieces, and how many they are.
    ///
    /// # Errors
    /// [`FilesError`]; while the pieces come, too.
    pub async fn stream(
        &self,
        sha256: &str,
    ) -> Result<(u64, impl Stream<Item = Result<Bytes, FilesError>> + use<>), FilesError> {
        let found = self.store.get(&key(sha256)).await.map_err(|error| told(sha256, error))?;
        let size = found.meta.size;
        let sha256 = sha256.to_owned();
        Ok((size, found.into_stream().map_err(move |error| told(&sha256, error))))
    }

    /// Some of the bytes, in pieces.
    ///
    /// # Errors
    /// [`FilesError`]; while the pieces come, too.
    pub async fn stream_range(
        &self,
        sha256: &str,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, FilesError>> + use<>, FilesError> {
        let options = GetOptions { range: Some(range.into()), ..GetOptions::default() };
        let found = self.store.get_opts(&key(sha256), options).await.map_err(|error| told(sha256, error))?;
        let sha256 = sha256.to_owned();
        Ok(found.into_stream().map_err(move |error| told(&sha256, error)))
    }

    /// Deletes a file; one that is not there is deleted already.
    ///
    /// # Errors
    /// [`FilesError::Store`].
    pub async fn delete(&self, sha256: &str) -> Result<(), FilesError> {
        match self.store.delete(&key(sha256)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(told(sha256, error)),
        }
    }

    /// Every file. What else lies in the place is not ours and left out.
    pub fn list(&self) -> impl Stream<Item = Result<ListedFile, FilesError>> + '_ {
        self.store.list(None).filter_map(|listed| async {
            match listed {
                Ok(meta) => sha256_of(&meta.location)
                    .map(|sha256| Ok(ListedFile { sha256, size: meta.size, written_at: meta.last_modified })),
                Err(error) => Some(Err(FilesError::Store(error.to_string()))),
            }
        })
    }
}

/// Bytes as the store knows them: 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In folders by the first two digits, so that none grows too large.
fn key(sha256: &str) -> Path {
    Path::from(format!("{}/{sha256}", sha256.get(..2).unwrap_or("__")))
}

fn sha256_of(path: &Path) -> Option<String> {
    let name = path.filename()?;
    let digest = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (digest && *path == key(name)).then(|| name.to_owned())
}

fn told(sha256: &str, error: Error) -> FilesError {
    match error {
        Error::NotFound { .. } => FilesError::Missing(sha256.to_owned()),
        error => FilesError::Store(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listed(store: &FileStore) -> Vec<String> {
        let mut found: Vec<_> = store.list().map_ok(|file| file.sha256).try_collect().await.unwrap();
        found.sort_unstable();
        found
    }

    #[tokio::test]
    async fn a_file_reads_back_until_it_is_deleted_wherever_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let location = FilesLocation::Folder(folder.path().join("new").join("files"));
        for store in [FileStore::open(&location).unwrap(), FileStore::in_memory()] {
            let digest = sha256(b"Hei");
            assert!(matches!(store.get(&digest).await, Err(FilesError::Missing(_))));
            for _ in 0..2 {
                store.put(&digest, Bytes::from_static(b"Hei")).await.unwrap();
            }
            assert_eq!(store.get(&digest).await.unwrap(), "Hei");
            let (size, pieces) = store.stream(&digest).await.unwrap();
            let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
            assert_eq!((size, pieces.concat()), (3, b"Hei".to_vec()));
            assert_eq!(listed(&store).await, std::slice::from_ref(&digest));
            for _ in 0..2 {
                store.delete(&digest).await.unwrap();
            }
            assert!(listed(&store).await.is_empty());
        }
    }

    #[tokio::test]
    async fn bytes_that_have_changed_are_not_given_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(&FilesLocation::Folder(folder.path().to_owned())).unwrap();
        let digest = sha256(b"Hei");
        store.put(&digest, Bytes::from_static(b"Hei")).await.unwrap();
        std::fs::write(folder.path().join(&digest[..2]).join(&digest), "Hej").unwrap();
        assert!(matches!(store.get(&digest).await, Err(FilesError::Damaged(_))));
    }

    #[tokio::test]
    async fn what_else_lies_in_the_folder_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(&FilesLocation::Folder(folder.path().to_owned())).unwrap();
        let digest = sha256(b"Hei");
        std::fs::write(folder.path().join("README"), "").unwrap();
        std::fs::write(folder.path().join(&digest), "").unwrap();
        std::fs::create_dir(folder.path().join("zz")).unwrap();
        std::fs::write(folder.path().join("zz").join(&digest), "").unwrap();
        assert!(listed(&store).await.is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = FileStore::open(&FilesLocation::Folder(file.join("files"))).unwrap_err().to_string();
        assert!(error.contains("files"), "{error}");
    }
}
