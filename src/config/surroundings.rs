//! What the centre's file leans on: secrets, directories and the plan's roles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::settings::Pack;
use crate::document::Fault;
use crate::plan::Plan;

/// What the centre's file leans on outside its own text.
pub struct Surroundings<'a> {
    /// Relative plan files and store paths start here.
    pub directory: &'a Path,
    /// The store lies here unless the file says otherwise.
    pub state_directory: &'a Path,
    /// What systemd hands over (`LoadCredential=`) lies here.
    pub credentials: Option<&'a Path>,
    /// The text of a secret file; the error says where it was looked for.
    pub secret: &'a dyn Fn(&str) -> Result<String, String>,
    pub roles: RolesOf<'a>,
}

/// What a pack says of roles, or the faults of its file.
pub type RolesOf<'a> = &'a dyn Fn(&Pack) -> Result<Agreed, Vec<Fault>>;

/// What a plan says of roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    pub roles: BTreeSet<String>,
    /// The sensitive procedures, each with the roles that may read what it is.
    pub sensitive: BTreeMap<String, Vec<String>>,
    /// The lists of people that are rung up.
    pub lists: BTreeSet<String>,
}

impl From<&Plan> for Agreed {
    fn from(plan: &Plan) -> Self {
        let procedures = plan.procedures.values();
        let sensitive = procedures.filter(|procedure| procedure.is_sensitive());
        let steps = plan.procedures.values().flat_map(|it| &it.stage);
        let steps = steps.flat_map(|stage| &stage.step);
        let rings = steps.filter_map(|step| step.rings.as_ref());
        Self {
            lists: rings.map(|rings| rings.list.clone()).collect(),
            roles: plan.roles.keys().cloned().collect(),
            sensitive: sensitive
                .map(|procedure| (procedure.id.clone(), procedure.visible.clone()))
                .collect(),
        }
    }
}

/// A relative name lies among the service's credentials or beside the centre's file.
pub(crate) fn read_secret(
    credentials: Option<&Path>,
    directory: &Path,
    name: &str,
) -> Result<String, String> {
    let credential = credentials.map(|credentials| credentials.join(name));
    let beside = directory.join(name);
    for path in credential.iter().chain([&beside]) {
        match std::fs::read_to_string(path) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        }
    }
    Err(format!(
        "there is no file {}: write the secret into it, readable by callwatch alone, or pass it as a systemd credential",
        beside.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A directory of this test's own, taken away at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("callwatch-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join("credentials")).unwrap();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_credential_of_the_service_comes_before_a_file_beside_the_centres() {
        let scratch = Scratch::new("secrets");
        let credentials = scratch.0.join("credentials");
        let read = |name| read_secret(Some(&credentials), &scratch.0, name);
        let missing = read("it.secret").unwrap_err();
        assert!(missing.contains("there is no file"), "{missing}");
        std::fs::write(scratch.0.join("it.secret"), "beside").unwrap();
        assert_eq!(read("it.secret").unwrap(), "beside");
        std::fs::write(credentials.join("it.secret"), "credential").unwrap();
        assert_eq!(read("it.secret").unwrap(), "credential");
        let absolute = scratch.0.join("it.secret");
        assert_eq!(read(absolute.to_str().unwrap()).unwrap(), "beside");
    }
}
