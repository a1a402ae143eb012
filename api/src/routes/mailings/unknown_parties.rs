//! What a preview warns of: people named by hand whom the register does not hold.

use domain::mailing::MailingDraft;
use domain::register::PartyId;
use persistence::Reader;
use persistence::register::known_parties;

use super::preview_dto::PreviewWarning;
use crate::problem::Problem;

/// How many ids a warning names.
const SHOWN: usize = 5;

/// The warning of the ids that are nobody's, if there are any.
pub(super) fn warning(reader: &mut Reader<'_>, draft: &MailingDraft) -> Result<Option<PreviewWarning>, Problem> {
    let named: Vec<PartyId> = draft.named_parties().into_iter().collect();
    let known = known_parties(reader, &named)?;
    let unknown: Vec<PartyId> = named.into_iter().filter(|id| !known.contains(id)).collect();
    Ok((!unknown.is_empty()).then(|| PreviewWarning {
        code: "unknown_party".to_owned(),
        people: i64::try_from(unknown.len()).unwrap_or(i64::MAX),
        message: sentence(&unknown),
    }))
}

fn sentence(unknown: &[PartyId]) -> String {
    let shown: Vec<String> = unknown.iter().take(SHOWN).map(PartyId::to_string).collect();
    let more = match unknown.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let are = if unknown.len() == 1 { "is" } else { "are" };
    format!("{} of the party_ids given {are} not in the register: {}{more}.", unknown.len(), shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_ids_are_named_and_the_others_counted() {
        assert_eq!(sentence(&[7]), "1 of the party_ids given is not in the register: 7.");
        assert_eq!(sentence(&[1, 2, 3, 4, 5]), "5 of the party_ids given are not in the register: 1, 2, 3, 4, 5.");
        let seven = "7 of the party_ids given are not in the register: 1, 2, 3, 4, 5 and 2 more.";
        assert_eq!(sentence(&[1, 2, 3, 4, 5, 6, 7]), seven);
    }
}
