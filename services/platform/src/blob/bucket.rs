//! Content in a bucket of an S3-compatible store.

use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt as _, RetryConfig};

use crate::error::{Error, Result};

/// How long a store may take for one request, and for all attempts.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which bucket, and who asks.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where the store is, such as `https://oss.example.cn`; the bucket's name follows in the path.
    pub endpoint: String,
    /// The store's region.
    pub region: String,
    /// Who asks.
    pub access_key: String,
    /// By which every request is signed.
    pub secret_key: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.name, self.endpoint)
    }
}

impl Bucket {
    pub(super) fn open(&self) -> Result<AmazonS3> {
        // The first caller sets it; that another has set it before is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: PATIENCE,
            ..RetryConfig::default()
        };
        // Someone's own store on the county's network may speak plain HTTP.
        let client = ClientOptions::new()
            .with_allow_http(true)
            .with_timeout(PATIENCE);
        AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_endpoint(&self.endpoint)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_virtual_hosted_style_request(false)
            // Not every store that speaks S3 knows how to remove many at once.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map_err(|error| {
                Error::invalid(
                    "evidence_bucket",
                    "证据文件的存储桶设置有误",
                    format!("does not name a bucket: {error}"),
                )
            })
    }
}

pub(super) async fn put(bucket: &AmazonS3, path: &str, content: Bytes) -> Result<()> {
    let path = Path::from(path);
    if let Ok(there) = bucket.head(&path).await
        && there.size == content.len() as u64
    {
        return Ok(());
    }
    bucket.put(&path, content.into()).await.map_err(failed)?;
    Ok(())
}

pub(super) async fn get(bucket: &AmazonS3, path: &str) -> Result<Option<Bytes>> {
    match bucket.get(&Path::from(path)).await {
        Ok(found) => Ok(Some(found.bytes().await.map_err(failed)?)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

pub(super) async fn remove(bucket: &AmazonS3, path: &str) -> Result<()> {
    match bucket.delete(&Path::from(path)).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Whatever a store answers, the same request may succeed once the store is well: nothing was acknowledged.
#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn failed(error: object_store::Error) -> Error {
    tracing::error!(%error, "the bucket of contents does not answer as it should: {error}");
    Error::unavailable("the bucket of contents can't be reached")
}
