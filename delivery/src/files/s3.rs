//! Files in a bucket of storage that speaks S3.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use url::Url;

/// The bucket of `s3://bucket/prefix`, below the prefix. All else that there is to know is in `settings`, as the usual `AWS_…`
/// variables give it.
pub(super) fn open(url: &Url, settings: AmazonS3Builder) -> Result<Arc<dyn ObjectStore>, String> {
    // An error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bucket = url.host_str().unwrap_or_default();
    let store = settings.with_bucket_name(bucket).build().map_err(|error| error.to_string())?;
    let prefix = Path::from_url_path(url.path()).map_err(|error| error.to_string())?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use bytes::Bytes;
    use futures_util::TryStreamExt as _;
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::files::{FileStore, FilesError, sha256};

    type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

    /// Answers one request as S3 does, as far as a file store asks.
    async fn answer(stream: &mut BufReader<TcpStream>, objects: &Objects) -> Option<()> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let signed =
            head.iter().any(|line| line.to_lowercase().starts_with("authorization: aws4-hmac-sha256 credential=key/"));
        let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await.ok()?;
        let (method, rest) = head[0].split_once(' ')?;
        let path = rest.split(' ').next()?;
        let (status, headers, body) = reply(method, path, body, signed, objects);
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()
    }

    fn reply(
        method: &str,
        path: &str,
        body: Vec<u8>,
        signed: bool,
        objects: &Objects,
    ) -> (&'static str, &'static str, Vec<u8>) {
        const MODIFIED: &str = "Last-Modified: Sat, 21 Nov 2026 08:00:00 GMT\r\nETag: \"1\"\r\n";
        let mut objects = objects.lock().unwrap();
        match (method, path.split_once('?')) {
            _ if !signed => ("403 Forbidden", "", Vec::new()),
            ("GET", Some((_, query))) if query.contains("list-type=2") => {
                let contents = objects.iter().map(|(key, bytes)| {
                    let key = key.trim_start_matches("/bucket/");
                    format!(
                        "<Contents><Key>{key}</Key><Size>{}</Size><LastModified>2026-11-21T08:00:00.000Z</LastModified></Contents>",
                        bytes.len()
                    )
                });
                let list: String = contents.collect();
                (
                    "200 OK",
                    "",
                    format!("<ListBucketResult>{list}<IsTruncated>false</IsTruncated></ListBucketResult>").into(),
                )
            }
            ("PUT", None) => {
                objects.insert(path.to_owned(), body);
                ("200 OK", MODIFIED, Vec::new())
            }
            ("GET", None) => match objects.get(path) {
                Some(bytes) => ("200 OK", MODIFIED, bytes.clone()),
                None => ("404 Not Found", "", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
            ("DELETE", None) => {
                objects.remove(path);
                ("204 No Content", "", Vec::new())
            }
            // Several at once.
            ("POST", Some(("/bucket", "delete"))) => {
                let text = String::from_utf8_lossy(&body);
                let mut deleted = String::new();
                for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()) {
                    objects.remove(&format!("/bucket/{key}"));
                    deleted.push_str(&format!("<Deleted><Key>{key}</Key></Deleted>"));
                }
                ("200 OK", "", format!("<DeleteResult>{deleted}</DeleteResult>").into())
            }
            _ => ("501 Not Implemented", "", Vec::new()),
        }
    }

    async fn bucket() -> (String, Objects) {
        let (listener, objects) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Objects::default());
        let (address, shared) = (listener.local_addr().unwrap(), Arc::clone(&objects));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let objects = Arc::clone(&shared);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while answer(&mut stream, &objects).await.is_some() {}
                });
            }
        });
        (format!("http://{address}"), objects)
    }

    #[tokio::test]
    async fn a_file_in_a_bucket_reads_back_until_it_is_deleted() {
        let (endpoint, objects) = bucket().await;
        let settings = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_allow_http(true)
            .with_region("eu-north-1")
            .with_access_key_id("key")
            .with_secret_access_key("secret");
        let url = Url::parse("s3://bucket/postitus/files").unwrap();
        let store = FileStore { store: open(&url, settings).unwrap(), shown: "bucket".into() };
        let digest = sha256(b"Hei");
        assert!(matches!(store.get(&digest).await, Err(FilesError::Missing(_))));
        store.put(&digest, Bytes::from_static(b"Hei")).await.unwrap();
        let key = format!("/bucket/postitus/files/{}/{digest}", &digest[..2]);
        assert_eq!(objects.lock().unwrap().keys().cloned().collect::<Vec<_>>(), [key]);
        assert_eq!(store.get(&digest).await.unwrap(), "Hei");
        let (size, pieces) = store.stream(&digest).await.unwrap();
        let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
        assert_eq!((size, pieces.concat()), (3, b"Hei".to_vec()));
        let listed: Vec<_> = store.list().try_collect().await.unwrap();
        assert_eq!((listed.len(), listed[0].sha256.as_str(), listed[0].size), (1, digest.as_str(), 3));
        store.delete(&digest).await.unwrap();
        store.delete(&digest).await.unwrap();
        assert!(objects.lock().unwrap().is_empty());
    }
}
