//! `callwatch plan`: prints what was agreed, for a person to read.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::language;
use crate::config::{self, Agreed, Pack};
use crate::document::{Document, Fault, which};
use crate::plan::{self, Plan, outline};
use crate::text::Language;

/// Print the contingency plan
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The procedure to print whole; without it, all are listed
    #[arg(value_name = "ID")]
    pub procedure: Option<String>,
    /// The centre's file, whose plan is printed
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH, conflicts_with = "pack")]
    pub config: PathBuf,
    /// A built-in plan: call-center or hotline-center
    #[arg(long, value_name = "NAME")]
    pub pack: Option<String>,
    /// zh or en; by default the site's
    #[arg(long, value_name = "LANGUAGE", value_parser = language::read)]
    pub language: Option<Language>,
}

/// Prints the list of procedures, or one of them whole. The exit code is 1
/// where there is no such procedure or pack, or where the file has faults.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (plan, site_language) = match chosen(args) {
        Ok(chosen) => chosen,
        Err(faults) => {
            for fault in &faults {
                writeln!(out, "{fault}")?;
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let language = args.language.unwrap_or(site_language);
    match &args.procedure {
        None => list(&plan, language, out)?,
        Some(id) => {
            let Some(procedure) = plan.procedures.get(id) else {
                let known: Vec<&String> = plan.procedures.keys().collect();
                let mend = which(id, &known);
                writeln!(out, "plan `{}` has no procedure `{id}`: {mend}", plan.id)?;
                return Ok(ExitCode::FAILURE);
            };
            out.write_all(outline(&plan, procedure, language).as_bytes())
                .context("the plan could not be printed")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan that is meant, and the language of the site that runs it.
fn chosen(args: &Args) -> Result<(Plan, Language), Vec<Fault>> {
    if let Some(name) = &args.pack {
        let Some(text) = plan::pack(name) else {
            let known = plan::PACKS.map(|(id, _)| id);
            let mend = format!("there is no such pack: {}", which(name, &known));
            let (document, _) = Document::parse(name, "");
            return Err(vec![document.fault("", mend)]);
        };
        let plan = plan::parse(&format!("{name}.toml"), text)?;
        return Ok((plan, Language::default()));
    }
    let roles = |pack: &Pack| Ok(Agreed::from(&read(pack)?));
    let config = config::load(&args.config, &roles)?.config;
    Ok((read(&config.plan)?, config.site.language))
}

/// Reads the plan that a centre's file names.
pub fn read(pack: &Pack) -> Result<Plan, Vec<Fault>> {
    match pack {
        Pack::Shipped(id) => {
            let text = plan::pack(id).expect("config names only packs that are shipped");
            plan::parse(&format!("{id}.toml"), text)
        }
        Pack::File(path) => {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| {
                let (document, _) = Document::parse(&file, "");
                vec![document.fault("", format!("cannot be read: {error}"))]
            })?;
            plan::parse(&file, &text)
        }
    }
}

fn list(plan: &Plan, language: Language, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{} ({})", plan.name.in_language(language), plan.id)?;
    for (id, procedure) in &plan.procedures {
        writeln!(out, "  {id}  {}", procedure.title.in_language(language))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        plan: Args,
    }

    fn printed(arguments: &[&str]) -> (bool, String) {
        let arguments = ["plan"].iter().chain(arguments);
        let args = Program::try_parse_from(arguments).unwrap().plan;
        let mut out = Vec::new();
        let code = run(&args, &mut out).unwrap();
        (code == ExitCode::SUCCESS, String::from_utf8(out).unwrap())
    }

    #[test]
    fn without_an_id_the_procedures_are_listed() {
        let (good, out) = printed(&["--pack", "call-center", "--language", "en"]);
        assert!(good);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[0], "Call centre contingency plan (call-center)");
        assert!(lines.contains(&"  power-loss  Power out"), "{out}");
        // The plan's own thirteen, and the fifteen that are built in.
        assert_eq!(lines.len(), 1 + 13 + 15, "{out}");
    }

    #[test]
    fn a_procedure_is_printed_whole_in_the_language_that_was_asked_for() {
        let (good, out) = printed(&["power-loss", "--pack", "call-center"]);
        assert!(good);
        assert!(out.starts_with("停电 (power-loss)"), "{out}");
        let (_, out) = printed(&["power-loss", "--pack", "call-center", "--language", "en"]);
        assert!(out.starts_with("Power out (power-loss)"), "{out}");
    }

    #[test]
    fn the_plan_of_a_centres_file_is_the_one_that_it_names() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/config/callwatch.toml");
        let (good, out) = printed(&["--config", file]);
        assert!(good, "{out}");
        assert!(out.starts_with("呼叫中心应急预案 (call-center)\n"), "{out}");
    }

    #[test]
    fn an_unknown_procedure_or_pack_says_the_mend_and_fails() {
        assert_eq!(
            printed(&["power-los", "--pack", "call-center"]),
            (
                false,
                "plan `call-center` has no procedure `power-los`: did you mean `power-loss`?\n"
                    .to_owned()
            )
        );
        let (good, out) = printed(&["--pack", "call-centre"]);
        assert!(!good);
        assert!(out.contains("did you mean `call-center`?"), "{out}");
        let (good, out) = printed(&["--config", "/nowhere/callwatch.toml"]);
        assert!(!good);
        assert!(out.contains("callwatch init"), "{out}");
    }
}
