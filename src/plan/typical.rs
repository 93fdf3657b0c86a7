//! Values as a real incident fills them in: what texts are measured and printed with.

use crate::plan::placeholder::Placeholder;
use crate::plan::procedure::Procedure;
use crate::plan::template::fill;
use crate::plan::width::width;
use crate::text::{Language, Text};

/// A text of a procedure with a value of usual length in every placeholder.
pub fn fill_typically(procedure: &Procedure, template: &str, language: Language) -> String {
    fill(template, |placeholder| {
        Some(typical(procedure, placeholder, language))
    })
}

fn typical(procedure: &Procedure, placeholder: &Placeholder, language: Language) -> String {
    let (zh, en) = match placeholder {
        Placeholder::What => return procedure.title.in_language(language).to_owned(),
        Placeholder::Kind => return longest(procedure.kinds.values(), language),
        Placeholder::Where => ("C座三楼", "C, floor 3"),
        Placeholder::Since => ("15:02", "15:02"),
        Placeholder::Ended => ("15:26", "15:26"),
        Placeholder::Lasted => ("24分钟", "24 min"),
        Placeholder::Lead => ("值班组长", "duty lead"),
        Placeholder::Dark => ("8", "8"),
        Placeholder::Standby => ("C-01、C-02", "C-01, C-02"),
        Placeholder::Move => ("2", "2"),
        Placeholder::Ups => ("UPS-C1", "UPS-C1"),
        Placeholder::FinishBy => ("约 15:40", "about 15:40"),
        Placeholder::FinishList => (
            "UPS-C1 约到 15:40，UPS-C2 约到 15:25",
            "UPS-C1 to about 15:40, UPS-C2 to about 15:25",
        ),
        Placeholder::ReportBy => ("15:30", "15:30"),
        Placeholder::OnBattery => ("3", "3"),
        Placeholder::Told => ("经理、信息部", "manager, IT"),
        Placeholder::Network => ("三楼交换机、话务机", "switch and PBX"),
        Placeholder::Phone(_) => ("13800001111", "13800001111"),
    };
    match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    }
}

fn longest<'t>(texts: impl Iterator<Item = &'t Text>, language: Language) -> String {
    texts
        .map(|text| text.in_language(language))
        .max_by_key(|text| width(text, language))
        .unwrap_or_default()
        .to_owned()
}
