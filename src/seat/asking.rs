//! Asking a service of the system bus that may hang.

use std::time::Duration;

use tokio::time::timeout;

/// Who does not answer within this is not there.
const ANSWER: Duration = Duration::from_secs(5);

/// The answer to one call, within a while.
pub(super) async fn asked<T>(call: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
    timeout(ANSWER, call)
        .await
        .unwrap_or_else(|_| Err(zbus::Error::Failure("it does not answer".to_owned())))
}
