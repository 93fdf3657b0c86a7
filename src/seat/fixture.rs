//! A folder with `proc`, `sys` and `etc` as a PC has them; removed with the value.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

pub(super) struct Pc(pub(super) PathBuf);

impl Pc {
    pub(super) fn new(name: &str) -> Self {
        let folder = format!("callwatch-pc-{name}-{}", std::process::id());
        let root = std::env::temp_dir().join(folder);
        // One that was left behind by another run.
        drop(fs::remove_dir_all(&root));
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    pub(super) fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A link from `path` to `to`, both within.
    pub(super) fn link(&self, path: &str, to: &str) {
        let (path, to) = (self.0.join(path), self.0.join(to));
        fs::create_dir_all(&to).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    pub(super) fn remove(&self, path: &str) {
        let path = self.0.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
}

impl Drop for Pc {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
