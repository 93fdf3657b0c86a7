//! The program that telephones: whether it runs.
//!
//! `/proc/PID/comm` has at most 15 bytes of a program's name: proc(5). What was found is
//! looked at again by itself; all programs are looked through only while it is not there.

use std::fs;
use std::path::Path;

/// So much of a name is kept by the kernel, in bytes.
const KEPT: usize = 15;

/// The program that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pid: Option<u32>,
}

impl Found {
    /// Which of the names runs; `None`: none does.
    pub(super) fn look<'n>(&mut self, root: &Path, names: &'n [String]) -> Option<&'n str> {
        let proc = root.join("proc");
        if let Some(pid) = self.pid
            && let Some(name) = runs(&proc, pid, names)
        {
            return Some(name);
        }
        self.pid = None;
        let programs = fs::read_dir(&proc).ok()?.flatten();
        for program in programs {
            let pid = program.file_name().to_str().and_then(|it| it.parse().ok());
            if let Some(pid) = pid
                && let Some(name) = runs(&proc, pid, names)
            {
                self.pid = Some(pid);
                return Some(name);
            }
        }
        None
    }
}

fn runs<'n>(proc: &Path, pid: u32, names: &'n [String]) -> Option<&'n str> {
    let folder = proc.join(pid.to_string());
    let comm = fs::read(folder.join("comm")).ok()?;
    let comm = comm.trim_ascii_end();
    let name = names.iter().find(|name| {
        let name = name.as_bytes();
        let kept = name.get(..KEPT).unwrap_or(name);
        kept.eq_ignore_ascii_case(comm)
    })?;
    // `PID (comm) STATE ...`: one that has ended and was not buried yet does not run.
    let stat = fs::read(folder.join("stat")).ok()?;
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    let state = stat.get(after + 2)?;
    (!matches!(state, b'Z' | b'X')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    fn run(pc: &Pc, pid: u32, comm: &str, state: char) {
        pc.put(&format!("proc/{pid}/comm"), &format!("{comm}\n"));
        let stat = format!("{pid} ({comm}) {state} 1 1 1 0 -1\n");
        pc.put(&format!("proc/{pid}/stat"), &stat);
    }

    #[test]
    fn it_is_found_by_any_of_its_names_and_missed_when_it_ends() {
        let pc = Pc::new("softphone");
        let names = ["Zoiper5", "a-very-long-softphone-name"].map(str::to_owned);
        let mut found = Found::default();
        assert_eq!(found.look(&pc.0, &names), None, "no proc at all");
        run(&pc, 1, "systemd", 'S');
        pc.put("proc/meminfo", "");
        assert_eq!(found.look(&pc.0, &names), None);
        run(&pc, 70, "zoiper5", 'S');
        assert_eq!(found.look(&pc.0, &names), Some("Zoiper5"));
        assert_eq!(found.look(&pc.0, &names), Some("Zoiper5"));
        run(&pc, 70, "zoiper5", 'Z');
        assert_eq!(found.look(&pc.0, &names), None, "it has ended");
        // Its number is another program's now.
        run(&pc, 70, "bash", 'S');
        assert_eq!(found.look(&pc.0, &names), None);
        run(&pc, 71, "a-very-long-sof", 'R');
        assert_eq!(found.look(&pc.0, &names), Some(names[1].as_str()));
        pc.remove("proc/71");
        assert_eq!(found.look(&pc.0, &names), None);
    }

    #[test]
    fn a_real_program_is_found() {
        let own = fs::read_to_string("/proc/self/comm").unwrap();
        let names = [own.trim().to_owned()];
        assert!(Found::default().look(Path::new("/"), &names).is_some());
    }
}
