//! What `callwatch check` says of a certificate and its key, which no file of the sources can be.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use callwatch::clock::Clock;

use crate::authority::{Authority, Made};
use crate::{FOLDER, said_of, small_plan};

/// A centre without a fault that is served with what lies beside its file; removed with the value.
struct Centre(PathBuf);

impl Centre {
    fn new(name: &str) -> Self {
        let folder = format!("callwatch-check-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("it is ours");
        let good = std::fs::read_to_string(format!("{FOLDER}/good.toml")).expect("it is ours");
        let web = "[web]\nlisten = \"0.0.0.0:8460\"\ncertificate = \"c.pem\"\nkey = \"c.key\"\n";
        std::fs::write(folder.join("callwatch.toml"), format!("{good}\n{web}"))
            .expect("it is ours");
        Self(folder)
    }

    fn put(&self, made: &Made, rights: u32) {
        std::fs::write(self.0.join("c.pem"), &made.certificate).expect("it is ours");
        let key = self.0.join("c.key");
        std::fs::write(&key, &made.key).expect("it is ours");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(rights))
            .expect("it is ours");
    }

    /// Whether it is good, and what is said beside what is said of every centre, without places.
    fn check(&self) -> (bool, Vec<String>) {
        let (good, said) = said_of(&self.0.join("callwatch.toml"), &small_plan);
        let folder = format!("{}/", self.0.display());
        let lines = said.lines().map(|line| line.replace(&folder, ""));
        let mut lines: Vec<String> = lines.filter(|line| !line.contains(": ups: ")).collect();
        let verdict = lines.pop();
        assert!(verdict.is_some_and(|last| last.starts_with("callwatch.toml: ")));
        (good, lines)
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("it is ours");
    }
}

#[test]
fn a_certificate_with_its_key_is_good_and_one_that_has_expired_is_told() {
    let centre = Centre::new("ends");
    let authority = Authority::new("the centre's own");
    let mut made = authority.server("callwatch.example", 4000);
    // Its authority may stand behind it.
    made.certificate.push_str(&authority.pem());
    centre.put(&made, 0o640);
    assert_eq!(centre.check(), (true, Vec::new()));
    centre.put(&authority.server("callwatch.example", 2020), 0o640);
    let (good, said) = centre.check();
    assert!(good, "it is still to start");
    let [line] = &said[..] else {
        panic!("{said:?}")
    };
    let told = "warning: callwatch.toml: web.certificate: the certificate c.pem has expired: 2020-01-01T00:00:00Z; renew it";
    assert!(line.starts_with(told), "{line}");
}

/// A certificate until a moment, in seconds since 1970.
fn ends_at(authority: &Authority, second: i64) -> Made {
    let name = "callwatch.example".to_owned();
    let mut parameters = rcgen::CertificateParams::new([name]).expect("a name");
    let begin = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = begin;
    parameters.not_after = begin + Duration::from_secs(second.unsigned_abs());
    authority.sign(&parameters)
}

#[test]
fn one_that_ends_within_fourteen_days_is_told_with_the_days_that_are_left() {
    let centre = Centre::new("soon");
    let authority = Authority::new("the centre's own");
    let now = Clock::real().now().as_second();
    for (hours, days) in [(13 * 24 + 1, Some(13)), (14 * 24 + 1, None), (1, Some(0))] {
        centre.put(&ends_at(&authority, now + hours * 3600), 0o640);
        let (good, said) = centre.check();
        assert!(good);
        let told = said
            .first()
            .map(|line| line.contains(&format!("ends in {} days", days.unwrap_or(0))));
        assert_eq!(told, days.map(|_| true), "{said:?}");
    }
}

#[test]
fn a_key_that_everybody_can_read_is_told_and_one_of_another_certificate_is_a_fault() {
    let centre = Centre::new("key");
    let authority = Authority::new("the centre's own");
    let made = authority.server("callwatch.example", 4000);
    centre.put(&made, 0o644);
    let (good, said) = centre.check();
    assert!(good);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("web.key: c.key can be read by everybody: chmod 0640"),
        "{said:?}"
    );
    let key = authority.server("callwatch.example", 4000).key;
    centre.put(&Made { key, ..made }, 0o640);
    let (good, said) = centre.check();
    assert!(!good);
    assert!(
        said[0].contains("web.key: c.key is not the key of c.pem: "),
        "{said:?}"
    );
}
