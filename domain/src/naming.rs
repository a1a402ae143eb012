//! Names and descriptions that people give to what they keep: saved queries, contact lists, projects.

use crate::invalid::FieldError;

/// The longest name, in characters.
pub const MAX_NAME: usize = 200;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 2_000;

/// A name in the form that is stored: one line, without space around it.
///
/// # Errors
/// `required`, `too_long` or `control_character`.
pub fn name(pointer: &str, written: &str) -> Result<String, FieldError> {
    let name = written.trim();
    if name.is_empty() {
        return Err(FieldError::new(pointer, "required", "Give it a name."));
    }
    if name.chars().any(char::is_control) {
        let message = "Leave out line breaks and other control characters.";
        return Err(FieldError::new(pointer, "control_character", message));
    }
    within(pointer, name, MAX_NAME)
}

/// A description in the form that is stored: without space around it, and none if it is empty. It may have lines.
///
/// # Errors
/// `too_long` or `control_character`.
pub fn description(pointer: &str, written: Option<&str>) -> Result<Option<String>, FieldError> {
    let Some(text) = written.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
        return Err(FieldError::new(pointer, "control_character", "Leave out control characters."));
    }
    within(pointer, text, MAX_DESCRIPTION).map(Some)
}

fn within(pointer: &str, text: &str, limit: usize) -> Result<String, FieldError> {
    match text.chars().count() > limit {
        true => Err(FieldError::new(pointer, "too_long", format!("Keep it to {limit} characters."))),
        false => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_at_most_200_characters() {
        assert_eq!(name("/name", "  Åkerin lista "), Ok("Åkerin lista".to_owned()));
        assert_eq!(name("/name", &"ä".repeat(200)), Ok("ä".repeat(200)));
        for (written, code) in
            [("", "required"), (" \n ", "required"), ("a\nb", "control_character"), (&"ä".repeat(201), "too_long")]
        {
            let error = name("/name", written).unwrap_err();
            assert_eq!((error.pointer.as_str(), error.code), ("/name", code), "{written:?}");
        }
    }

    #[test]
    fn a_description_may_have_lines_and_may_be_left_out() {
        assert_eq!(description("/description", Some(" a\nb ")), Ok(Some("a\nb".to_owned())));
        assert_eq!(description("/description", Some("  ")), Ok(None));
        assert_eq!(description("/description", None), Ok(None));
        assert_eq!(description("/description", Some("\u{7}")).unwrap_err().code, "control_character");
        assert_eq!(description("/description", Some(&"a".repeat(2001))).unwrap_err().code, "too_long");
    }
}
