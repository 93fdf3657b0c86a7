//! A folder with a certificate and its key, for one test.

use std::path::PathBuf;

use crate::probes::reach::authority::Authority;
use crate::web::tls::identity::Files;

pub(in crate::web) struct Scratch {
    folder: PathBuf,
    pub(in crate::web) authority: Authority,
    pub(in crate::web) files: Files,
}

impl Scratch {
    pub(in crate::web) fn new(name: &str) -> Self {
        let folder = format!("callwatch-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            authority: Authority::new("the test's own"),
            files: Files {
                certificate: folder.join("callwatch.pem"),
                key: folder.join("callwatch.key"),
            },
            folder,
        }
    }

    /// Puts a certificate for this name there, until the first day of a year.
    pub(in crate::web) fn put(&self, name: &str, until: i32) {
        let made = self.authority.server(name, until);
        std::fs::write(&self.files.certificate, made.certificate).unwrap();
        std::fs::write(&self.files.key, made.key).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}
