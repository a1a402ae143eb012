//! How a rule refuses input: which field, under which stable code, and what would be right.

/// One refused field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the request body, for instance `/filter/all/1/role`; empty for the body as a whole.
    pub pointer: String,
    /// Stable snake_case code.
    pub code: &'static str,
    /// One English sentence that names the remedy.
    pub message: String,
}

impl FieldError {
    /// A refusal of the field at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// What a check that can refuse several fields at once answers.
pub type Checked<T> = Result<T, Vec<FieldError>>;
